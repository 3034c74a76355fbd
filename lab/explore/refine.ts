/** Indices of a point of a grid over two paths. */
export type Spot = readonly [column: number, row: number];

/** Indices of the first and the last value of a part of a path. */
type Span = readonly [from: number, to: number];

/** Rectangle of a grid. */
type Part = readonly [columns: Span, rows: Span];

interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Simulates spots. Those that were simulated before cost nothing. */
  readonly simulate: (spots: readonly Spot[]) => Promise<void>;
  /** True if two spots have the same verdicts, and about the same figures. */
  readonly isAlike: (one: Spot, other: Spot) => boolean;
  /** Called once the coarse grid is simulated. */
  readonly onCoarse: () => void;
}

/**
 * Simulates a coarse grid, halves all of it once, and then each rectangle whose corners differ. Resolves with the spots beside which
 * something changes. Between corners that are alike it simulates nothing, so an island smaller than a rectangle may be
 * missed.
 */
export async function refine({ columns, rows, simulate, isAlike, onCoarse }: Grid): Promise<Spot[]> {
  let parts = coarse(columns).flatMap((column) => coarse(rows).map((row): Part => [column, row]));
  await simulate(parts.flatMap(cornersOf));
  onCoarse();
  const changing: Spot[] = [];
  const isMixed = (part: Part) => {
    const [first, ...others] = cornersOf(part);
    return others.some((corner) => !isAlike(first!, corner));
  };
  for (let round = 0; parts.length > 0; round++) {
    // The coarse grid is for a first look. It is halved once also where its corners are alike.
    const mixed = parts.filter((part) => isMixed(part) || (round === 0 && !isSmallest(part)));
    changing.push(...mixed.filter(isSmallest).flatMap(cornersOf));
    parts = mixed
      .filter((part) => !isSmallest(part))
      .flatMap(([column, row]) =>
        halves(column).flatMap((half) => halves(row).map((other): Part => [half, other])),
      );
    await simulate(parts.flatMap(cornersOf));
  }
  return changing;
}

/** Divides a path of so many values into parts of six steps at most. */
function coarse(length: number): Span[] {
  const step = 6;
  const last = length - 1;
  if (last === 0) return [[0, 0]];
  return Array.from({ length: Math.ceil(last / step) }, (_, i) => [i * step, Math.min(last, (i + 1) * step)]);
}

const cornersOf = ([columns, rows]: Part): Spot[] =>
  columns.flatMap((column) => rows.map((row): Spot => [column, row]));

const isSmallest = ([columns, rows]: Part): boolean => [columns, rows].every(([from, to]) => to - from <= 1);

function halves([from, to]: Span): Span[] {
  const middle = (from + to) >> 1;
  return to - from > 1
    ? [
        [from, middle],
        [middle, to],
      ]
    : [[from, to]];
}
