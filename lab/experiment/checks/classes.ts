import { nearestOrAll } from '#kit/schema/nearest.ts';
import { escapePointer, within } from '#kit/schema/problems.ts';
import { isName, nameExpected } from '#kit/schema/schema.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { ValidParts } from '#lab/experiment/valid-parts.ts';
import { classesOf } from '#policies/pipeline.ts';

/** Classes that are no names, shares that are too large together, and whatever is for a class that there is not. */
export function classes({ classes, faults = [], variants = {} }: ValidParts): LocatedProblem[] {
  if (!classes) return []; // which the schema says
  const names = Object.keys(classes);
  const misnamed = names
    .filter((name) => !isName(name))
    .map((name) => ({ pointer: `/classes/${escapePointer(name)}`, message: nameExpected, onKey: true }));
  const sum = Object.values(classes).reduce((a, b) => a + b, 0);
  const tooMany =
    sum > 1 + rounding
      ? [{ pointer: '/classes', message: `expected shares of at most 1 together, got ${sum}` }]
      : [];
  const meant = [
    ...faults.flatMap((each, index) =>
      each && 'class' in each.fault && each.fault.class !== undefined
        ? [{ pointer: `/faults/${index}/fault/class`, name: each.fault.class }]
        : [],
    ),
    ...Object.entries(variants).flatMap(([name, variant]) =>
      variant ? within(`/variants/${escapePointer(name)}/policies`, classesOf(variant.policies)) : [],
    ),
  ];
  const unknown = meant
    .filter(({ name }) => !names.includes(name))
    .map(({ pointer, name }) => ({ pointer, message: unknownClass(name, names) }));
  return [...misnamed, ...tooMany, ...unknown];
}

const rounding = 1e-9;

const unknownClass = (name: string, names: readonly string[]): string =>
  `unknown class ${name}, ${names.length > 0 ? nearestOrAll(name, names) : 'the experiment has no classes'}`;
