/** `did you mean rate?` when one of the known names is close to what was written, otherwise `expected one of …`. */
export function nearestOrAll(written: string, known: readonly string[]): string {
  const name = nearest(written, known);
  return name === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${name}?`;
}

/** The known name that a typing error or two, or an ending left out, could have turned into what was written. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((name) => ({ name, edits: editsBetween(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits < written.length) // else nothing is left of it
    .filter(
      ({ name, edits }) => edits <= Math.min(3, Math.ceil(written.length / 3)) || continues(name, written),
    )
    .sort((a, b) => a.edits - b.edits);
  return candidates[0]?.name;
}

/** A name whose unit was forgotten: `deadline` for `deadlineMs`. */
const continues = (name: string, written: string): boolean =>
  written.length >= 3 && name.toLowerCase().startsWith(written.toLowerCase());

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment distance). */
function editsBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 10) return Number.POSITIVE_INFINITY;
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
