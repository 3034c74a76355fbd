/** Returns `did you mean rate?` if a known name is close, and otherwise `expected one of …`. */
export function nearestOrAll(written: string, known: readonly string[]): string {
  const name = nearest(written, known);
  return name === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${name}?`;
}

/** Returns the known name that differs from a written name by only a few typos or a missing end. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const given = written.toLowerCase();
  const most = Math.min(editsMax, Math.ceil(given.length / 3));
  // Names with different first letters, e.g. `handlers` and `callers`, are rarely typos of each other. Any name matches
  // if all of its letters may be edited.
  const [best] = known
    .map((name) => ({ name, edits: editsBetween(given, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= (given[0] === name[0]?.toLowerCase() ? most : 1))
    .filter(({ edits }) => edits < given.length)
    .toSorted((a, b) => a.edits - b.edits);
  return best?.name;
}

const editsMax = 3;

/**
 * Counts the letters to insert, delete, replace or swap with a neighbour (optimal string alignment distance). A missing
 * end, as in `deadline` for `deadlineMs`, is one edit. Infinity if the lengths differ too much.
 */
function editsBetween(a: string, b: string): number {
  const missing = b.length - a.length;
  if (a.length >= 3 && missing > 0 && missing <= 10 && b.startsWith(a)) return 1;
  if (Math.abs(missing) > editsMax) return Infinity;
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
