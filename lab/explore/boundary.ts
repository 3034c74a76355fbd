import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { level } from '#lab/judge/statistics/rounds.ts';
import type { SweepResult } from './result.ts';

/** Probability at each point, in the order of the points. Null where it is unknown. */
export type Grid = readonly (number | null)[];

/** Indices of the values of two paths. Between two values they are fractions. */
export type Place = readonly [across: number, up: number];

/** Returns the values at which a map over one path crosses 0.5, by linear interpolation. */
export const crossingValues = (map: Grid, values: readonly number[]): number[] =>
  values.slice(1).flatMap((to, index) => {
    const from = values[index]!;
    const share = crossing(map[index]!, map[index + 1]!);
    return share === undefined ? [] : Number((from + share * (to - from)).toPrecision(6));
  });

/** Returns the share of the way from one value to the next at which {@link level} is crossed; undefined if it isn't. */
export function crossing(from: number | null, to: number | null): number | undefined {
  if (from === null || to === null || from >= level === to >= level) return undefined;
  return (level - from) / (to - from);
}

/** Line of the boundary within a cell of a grid over two paths. */
export type Segment = readonly [from: Place, to: Place];

/** Returns the boundary of a map over two paths, by marching squares. */
export function segmentsOf(map: Grid, [rows = 0, columns = 0]: readonly number[]): Segment[] {
  const at = ([row, column]: Place) => map[row * columns + column] ?? null;
  const segments: Segment[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corners: readonly Place[] = [
        [row, column],
        [row, column + 1],
        [row + 1, column + 1],
        [row + 1, column],
      ];
      const ends = corners.flatMap((from, index): Place[] => {
        const to = corners[(index + 1) % 4]!;
        const share = crossing(at(from), at(to));
        if (share === undefined) return [];
        return [[from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]];
      });
      const [first, second, third, fourth] = ends;
      if (first && second) segments.push([first, second]);
      if (third && fourth) segments.push([third, fourth]);
    }
  }
  return segments;
}

/** Returns the figures of a variant by point; undefined where they are unknown. */
export const figuresAt = ({ points, figures }: SweepResult, variant: string, metric: MetricName) =>
  points.map((_, point) => figureAt(figures, { variant, metric, point }));

export const mapOf = (sweep: SweepResult, variant: string, metric: MetricName): Grid =>
  figuresAt(sweep, variant, metric).map((figure) => figure?.value ?? null);
