/** From the `turn`-th name on, and then those before it: over as many rounds as there are names, each is once at each place. */
export function turned(names: readonly string[], turn: number): string[] {
  const first = turn % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}

/** What is about names, in the order of those; before it what is about none of them. */
export const inOrderOf = <T>(names: readonly string[], all: readonly T[], nameOf: (each: T) => string): T[] =>
  all.toSorted((a, b) => names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)));
