/** Returns `did you mean rate?` if a known name is close, and otherwise `expected one of …`. */
export function nearestOrAll(written: string, known: readonly string[]): string {
  const name = nearest(written, known);
  return name === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${name}?`;
}

/** Spillway's names by the names that other tools use, in lower case. */
const synonyms: Readonly<Record<string, readonly string[]>> = {
  attempts: ['maxRetries', 'redelivery'],
  circuitbreaker: ['breaker'],
  delay: ['latency', 'delayMs'],
  duration: ['forMs'],
  error: ['failure'],
  handlers: ['concurrency'],
  limit: ['concurrency'],
  retries: ['maxRetries', 'redelivery'],
  rps: ['ratePerSecond'],
  slow: ['latency'],
  workers: ['concurrency'],
};

/**
 * Returns the known name that is a synonym of a written name, or that differs from it by only a few typos or a missing
 * end.
 */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const given = written.toLowerCase();
  const meant = Object.hasOwn(synonyms, given)
    ? synonyms[given]!.find((name) => known.includes(name))
    : undefined;
  if (meant !== undefined) return meant;
  const most = Math.min(3, Math.ceil(written.length / 3));
  let best: { name: string; edits: number } | undefined;
  for (const name of known) {
    // Names with different first letters, e.g. `handlers` and `callers`, are rarely typos of each other. So they may
    // differ by only one edit.
    const editsMax = given[0] === name[0]?.toLowerCase() ? most : 1;
    const edits = editsOf(given, name.toLowerCase(), editsMax);
    // Any name matches if all of its letters may be edited.
    if (edits <= editsMax && edits < Math.min(written.length, best?.edits ?? Infinity))
      best = { name, edits };
  }
  return best?.name;
}

/** Counts the edits between two names. A missing end, as in `deadline` for `deadlineMs`, is one edit. */
function editsOf(written: string, name: string, editsMax: number): number {
  const missing = name.length - written.length;
  if (written.length >= 3 && missing > 0 && missing <= 10 && name.startsWith(written)) return 1;
  // A difference in length needs at least as many edits, so that the letters need no comparison.
  return Math.abs(missing) > editsMax ? Infinity : editsBetween(written, name);
}

/** Counts the letters to insert, delete, replace or swap with a neighbour (optimal string alignment distance). */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforeLast[j - 2]! + 1 : replaced;
      row.push(Math.min(row[j - 1]! + 1, last[j]! + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
