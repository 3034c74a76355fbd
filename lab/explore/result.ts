import type { Static } from 'typebox';
import { Type } from '#kit/schema/type.ts';
import { Figure } from '#lab/experiment/metrics/figure.ts';
import {
  described,
  type Final,
  flag,
  list,
  nullable,
  number,
  object,
  text,
} from '#lab/experiment/schema-helpers.ts';

export const Probability = object({
  value: nullable(number(), 'Share of the `n` seeds for which this is true.'),
  low: Type.Optional(nullable(number(), 'Lower end of the 95 % interval.')),
  high: Type.Optional(nullable(number(), 'Upper end of the interval.')),
  n: Type.Optional(number('Seeds for which it is known whether this is true.')),
});
export type Probability = Final<Static<typeof Probability>>;

export const PointResult = object({
  values: list(number(), 'Value of each path.'),
  seeds: number('Simulated seeds.'),
  inferred: Type.Optional(
    flag(
      'True if it was not simulated, since nothing changes around it. Its figures are those of its nearest neighbour.',
    ),
  ),
  valid: number('Simulations that were complete and valid. All figures of the point are over these.'),
  problems: list(text(), 'Reasons why the other simulations ended early or were invalid.'),
  watchedMs: Type.Optional(
    number(
      'Missing unless a variant was still recovering when the load ended. Duration of the longest load with which the point was simulated again to know if it recovers.',
    ),
  ),
  hypotheses: list(
    nullable(
      Probability,
      'How often the hypothesis held. Null if unknown for so many seeds that these decide whether it holds for most.',
    ),
    'How often each hypothesis held, in the order of `hypotheses` above.',
  ),
  holds: nullable(Probability, 'How often all hypotheses held. Null as above.'),
});
export type PointResult = Final<Static<typeof PointResult>>;

/** Content of `sweep.json`. A change that breaks readers raises the version. */
export const SweepResult = object({
  version: Type.Literal(2),
  spillway: text(),
  node: text(),
  status: Type.Enum(['complete', 'interrupted'], {
    description: '`interrupted`: some seeds or points are missing.',
  }),
  command: text('The shell command that repeats the sweep.'),
  startedAt: text('Date and time.'),
  experiment: described(
    object({
      name: text(),
      file: text(),
      title: text(),
      seed: number(),
      source: text('The YAML text as it was read.'),
    }),
    'The experiment without changes.',
  ),
  paths: list(
    object({
      path: text('Path of the changed number.'),
      values: list(number()),
      original: nullable(
        number(),
        'Value in the file, or its default. Null if the field is missing and has no default.',
      ),
    }),
    'Changed numbers. The points are all combinations of their values.',
  ),
  seeds: number('Seeds for each point. After an interrupt some points have fewer.'),
  variants: list(text()),
  hypotheses: list(text(), 'In the order of the file.'),
  figures: list(Figure, 'Figures of all points, over the seeds.'),
  points: list(PointResult, 'All points, ordered by their values: that of the last path changes fastest.'),
});
export type SweepResult = Final<Static<typeof SweepResult>>;
