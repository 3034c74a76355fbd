/** Labels that would overlap, put together in rows. */
export interface Cluster<T> {
  readonly members: readonly T[];
  readonly topPx: number;
}

/**
 * Groups labels by their height on the page so that no two groups overlap: neighbours closer than their rows are tall
 * join, `perRow` to a row, around their common middle.
 */
export function clusters<T extends { readonly at: number }>(
  labels: readonly T[],
  rowPx: number,
  perRow: number,
  heightPx: number,
): Cluster<T>[] {
  const done: Cluster<T>[] = [];
  for (const label of [...labels].sort((a, b) => a.at - b.at)) {
    let cluster = place([label], rowPx, perRow, heightPx);
    for (
      let above = done.at(-1);
      above !== undefined && bottom(above, rowPx, perRow) > cluster.topPx;
      above = done.at(-1)
    ) {
      done.pop();
      cluster = place([...above.members, ...cluster.members], rowPx, perRow, heightPx);
    }
    done.push(cluster);
  }
  return done;
}

function place<T extends { readonly at: number }>(
  members: readonly T[],
  rowPx: number,
  perRow: number,
  heightPx: number,
): Cluster<T> {
  const tall = rows(members, perRow) * rowPx;
  const middle = members.reduce((sum, { at }) => sum + at, 0) / members.length;
  return { members, topPx: Math.max(-rowPx / 2, Math.min(middle - tall / 2, heightPx + rowPx / 2 - tall)) };
}

const rows = (members: readonly unknown[], perRow: number): number => Math.ceil(members.length / perRow);

const bottom = <T>(cluster: Cluster<T>, rowPx: number, perRow: number): number =>
  cluster.topPx + rows(cluster.members, perRow) * rowPx;
