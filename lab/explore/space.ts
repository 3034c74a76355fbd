import type { Changes, Field } from '#lab/experiment/field.ts';

/** Value of each field of a space, in its order. */
export type Point = readonly number[];

/** Returns all combinations of values. The last field changes fastest. */
export const gridOf = (values: readonly (readonly number[])[]): Point[] =>
  values.reduce<Point[]>(
    (points, own) => points.flatMap((point) => own.map((value) => [...point, value])),
    [[]],
  );

/** Returns what a point writes into the file. */
export const changesAt = (fields: readonly Field[], point: Point): Changes =>
  new Map(fields.flatMap(({ changes }, index) => [...changes(point[index]!)]));

/** True if two fields change the same number. */
export function areOverlapping(one: Pick<Field, 'changes'>, other: Pick<Field, 'changes'>): boolean {
  // With the factor 1, `load*` would change nothing.
  const [pointers, others] = [one.changes(2), other.changes(2)];
  return pointers.keys().some((pointer) => others.has(pointer));
}

/** Formats a point: `load*=1.5, deadlineMs=800`. */
export const describePoint = (fields: readonly Pick<Field, 'path'>[], point: Point): string =>
  fields.map(({ path }, index) => `${path}=${point[index]}`).join(', ');
