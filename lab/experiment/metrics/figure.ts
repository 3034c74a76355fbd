import type { Static } from 'typebox';
import { Type } from '#kit/schema/type.ts';
import { type Final, nullable, number, object, text } from '#lab/experiment/schema-helpers.ts';

export const Figure = object({
  variant: text(),
  window: Type.Optional(text('As in hypotheses: `after brownout`. Missing for the whole run.')),
  metric: text('See [metrics](hypotheses.md#metrics).'),
  deadlineMs: Type.Optional(number("Of `goodput` at another deadline than the experiment's.")),
  source: Type.Enum(['measured', 'simulated', 'ideal'], {
    description: '`ideal`: computed, or simulated without the overhead of the machine.',
  }),
  round: Type.Optional(number('Seed of a round. Missing for a single run, and over the rounds.')),
  point: Type.Optional(number('Index of a point of a sweep.')),
  value: nullable(
    number(),
    'In the unit of the metric. Over rounds the mean, for verdicts the share of rounds, for times of a recovery the median. Null if unknown.',
  ),
  low: Type.Optional(nullable(number(), 'Lower end of the 95 % interval. Null if unknown.')),
  high: Type.Optional(nullable(number(), 'Upper end. Null if there is none, or if unknown.')),
  n: Type.Optional(number('Requests behind a share; rounds or seeds behind a mean.')),
  atLeast: Type.Optional(number('Lower bound, if the value is unknown.')),
  reason: Type.Optional(text('Why the value is unknown, if a longer load would tell.')),
});
/** Value of a metric: of a variant or its window, in a run, a round, over rounds, or at a point of a sweep. */
export type Figure = Final<Static<typeof Figure>>;
