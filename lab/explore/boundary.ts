import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { level } from '#lab/judge/statistics/rounds.ts';
import type { PointResult, SweepResult } from './result.ts';
import { gridOf, type Point } from './space.ts';

/** Probability at each point, in the order of the points. Null where it is unknown. */
export type Grid = readonly (number | null)[];

/** Indices of the values of a point, one for each path. Between two values they are fractions. */
export type Place = readonly number[];

/** Returns the places of all points of a grid with so many values for each path, in the order of the points. */
const placesOf = (sizes: readonly number[]): Place[] => gridOf(sizes.map((size) => [...Array(size).keys()]));

/** Returns where a map crosses 0.5 between neighbouring points of a grid, by linear interpolation. */
export function crossingsOf(map: Grid, sizes: readonly number[]): Place[] {
  const places = placesOf(sizes);
  const strides = sizes.map((_, path) => sizes.slice(path + 1).reduce((product, size) => product * size, 1));
  return places.flatMap((place, index) =>
    strides.flatMap((stride, path) => {
      if (place[path]! + 1 >= sizes[path]!) return [];
      const at = crossing(map[index]!, map[index + stride]!);
      return at === undefined ? [] : [place.with(path, place[path]! + at)];
    }),
  );
}

/** Returns the values at which a map over one path crosses 0.5. */
export const crossingValues = (map: Grid, values: readonly number[]): number[] =>
  crossingsOf(map, [values.length]).map(([at = 0]) => {
    const before = Math.floor(at);
    const [a, b = a] = [values[before]!, values[before + 1]];
    return Number((a + (at - before) * (b - a)).toPrecision(6));
  });

/** Returns the share of the way from one value to the next at which {@link level} is crossed; undefined if it isn't. */
function crossing(from: number | null, to: number | null): number | undefined {
  if (from === null || to === null || from >= level === to >= level) return undefined;
  return (level - from) / (to - from);
}

/** Line of the boundary within a cell of a grid over two paths. */
export type Segment = readonly [from: Place, to: Place];

/** Returns the boundary of a map over two paths, by marching squares. */
export function segmentsOf(map: Grid, [rows = 0, columns = 0]: readonly number[]): Segment[] {
  const at = (row: number, column: number) => map[row * columns + column] ?? null;
  const segments: Segment[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const [a, b, c, d] = [
        at(row, column),
        at(row, column + 1),
        at(row + 1, column + 1),
        at(row + 1, column),
      ];
      const ends = [
        place(crossing(a, b), (share) => [row, column + share]),
        place(crossing(b, c), (share) => [row + share, column + 1]),
        place(crossing(d, c), (share) => [row + 1, column + share]),
        place(crossing(a, d), (share) => [row + share, column]),
      ].filter((end) => end !== undefined);
      const [first, second, third, fourth] = ends;
      if (first && second) segments.push([first, second]);
      if (third && fourth) segments.push([third, fourth]);
    }
  }
  return segments;
}

const place = (share: number | undefined, of: (share: number) => Place): Place | undefined =>
  share === undefined ? undefined : of(share);

/** Returns the maps of a sweep in which a boundary may be: P(metastable) of each variant, and P(all hypotheses hold). */
export const mapsOf = (sweep: Mapped): Grid[] => [
  ...sweep.variants.map((name) => mapOf(sweep, name, 'metastable')),
  sweep.points.map(({ holds }) => holds?.value ?? null),
];

type Mapped = Pick<SweepResult, 'points' | 'variants' | 'figures'>;

/** Returns the figures of a variant by point; undefined where they are unknown. */
export const figuresAt = ({ points, figures }: Mapped, variant: string, metric: MetricName) =>
  points.map((_, point) => figureAt(figures, { variant, metric, point }));

/** Returns the values of a metric by point. */
export const mapOf = (sweep: Mapped, variant: string, metric: MetricName): Grid =>
  figuresAt(sweep, variant, metric).map((figure) => figure?.value ?? null);

/** Returns the points nearest to a boundary, the nearest first. Without a boundary, those with the least certain outcome. */
export function nearestToBoundary(sweep: Mapped & Pick<SweepResult, 'paths'>, count: number): PointResult[] {
  const sizes = sweep.paths.map(({ values }) => values.length);
  const maps = mapsOf(sweep);
  const crossings = maps.flatMap((map) => crossingsOf(map, sizes));
  const places = placesOf(sizes);
  const distance = (index: number) =>
    Math.min(...crossings.map((crossing) => distanceOf(crossing, places[index]!)), Number.MAX_VALUE);
  const doubt = (index: number) =>
    Math.min(...maps.map((map) => Math.abs((map[index] ?? level - 1) - level)));
  return [...sweep.points.keys()]
    .sort((a, b) => distance(a) - distance(b) || doubt(a) - doubt(b) || a - b)
    .slice(0, count)
    .map((index) => sweep.points[index]!);
}

const distanceOf = (a: Place, b: Point): number => Math.hypot(...a.map((at, path) => at - b[path]!));
