/** Remembers the values of the last few keys. An overload brings the same texts thousands of times. */
export function memo<T>(max = 16): (key: string, compute: () => T) => T {
  const known = new Map<string, T>();
  return (key, compute) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute();
    if (known.size === max) known.clear();
    known.set(key, value);
    return value;
  };
}
