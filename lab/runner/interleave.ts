/** From the `turn`-th name on, and then those before it: over as many rounds as there are names, each is once at each place. */
export function rotated(names: readonly string[], turn: number): string[] {
  const first = turn % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}
