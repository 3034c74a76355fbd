import type { Static } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { described, type Final, list, nullable, number, object, text } from './schema-helpers.ts';

const Estimate = object({
  value: number('Mean over the seeds.'),
  low: nullable(number(), 'Lower end of the 95 % interval. Null with one seed.'),
  high: nullable(number(), 'Upper end of the interval.'),
});

export type MeanResult = Final<Static<typeof Estimate>>;

export const Probability = object({
  count: number('Seeds for which this is true.'),
  of: number('Seeds for which it is known whether this is true.'),
  value: number('`count` ÷ `of`.'),
  low: number('Lower end of the 95 % interval.'),
  high: number('Upper end of the interval.'),
});
export type Probability = Final<Static<typeof Probability>>;

export const PointResult = object({
  values: list(number(), 'Value of each path.'),
  seeds: number('Simulated seeds.'),
  valid: number('Simulations that were complete and valid. All figures of the point are over these.'),
  problems: list(text(), 'Reasons why the other simulations ended early or were invalid.'),
  watchedMs: Type.Optional(
    number(
      'Missing unless a variant was still recovering when the load ended. Duration of the longest load with which the point was simulated again to know if it recovers.',
    ),
  ),
  variants: list(
    object({
      name: text(),
      metrics: mapOf(nullable(Estimate), {
        description: 'Mean by metric, in the unit of the metric. Null if no seed measured it.',
      }),
      collapsed: nullable(Probability, 'How often the variant collapsed. Null without a valid simulation.'),
      metastable: nullable(
        Probability,
        'How often the variant never recovered, although no fault was active and the load was as before. Null if unknown for so many seeds that these decide whether it is so for most.',
      ),
    }),
  ),
  hypotheses: list(
    nullable(Probability, 'How often the hypothesis held. Null as for `metastable`.'),
    'How often each hypothesis held, in the order of `hypotheses` above. Null as for `metastable`.',
  ),
  holds: nullable(Probability, 'How often all hypotheses held. Null as for `metastable`.'),
});
export type PointResult = Final<Static<typeof PointResult>>;

const Verified = object({
  values: list(number(), 'Value of each path.'),
  folder: text('Folder of the run.'),
  status: text('Status of the run.'),
  checks: list(
    object({
      what: text('Hypothesis, or `metastable(variant)`.'),
      measured: nullable(Type.Boolean(), 'True if this was so on sockets. Null if unknown.'),
      probability: nullable(number(), 'Share of the simulated seeds for which this is true.'),
      agrees: nullable(
        Type.Boolean(),
        'True if at least 5 % of the simulated seeds agree with the run on sockets.',
      ),
    }),
  ),
  agrees: nullable(Type.Boolean(), 'True if all known checks agree.'),
});
export type Verified = Final<Static<typeof Verified>>;

/** Content of `sweep.json`. A change that breaks readers raises the version. */
export const SweepResult = object({
  version: Type.Literal(1, { description: 'Version of the format.' }),
  spillway: text('Version of Spillway.'),
  node: text('Version of Node.'),
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
  points: list(PointResult, 'All points, ordered by their values: that of the last path changes fastest.'),
  verified: list(Verified, 'Points that were also run on sockets.'),
});
export type SweepResult = Final<Static<typeof SweepResult>>;
