import type { Static } from 'typebox';
import { Type } from '#kit/schema/type.ts';
import { type Final, flag, nullable, number, object, text } from '#lab/experiment/schema-helpers.ts';

export const HypothesisResult = object({
  text: text('Hypothesis, or condition of a steady state, as it stands in the file.'),
  ok: nullable(
    flag(),
    'True if it held. Null without a verdict: a check failed, or a variant was not finished when the run ended.',
  ),
  left: nullable(
    number(),
    'Value of the left side, in the unit of the metric. Null without data; then the hypothesis fails.',
  ),
  right: nullable(number(), 'Value of the right side, in the same way.'),
  offered: Type.Optional(
    number('Only for shares: requests of the measured side; of two, of the smaller one.'),
  ),
  reason: Type.Optional(
    text('Reason why there is no verdict, or why a side has no value, or only a lower bound.'),
  ),
  rounds: Type.Optional(
    object(
      {
        of: number('Number of rounds.'),
        held: number('Rounds in which the hypothesis held.'),
        low: number('Lower end of the 95 % interval of left − right.'),
        high: number('Upper end of the interval.'),
      },
      'Only with several rounds. `left` and `right` are then means over the rounds.',
    ),
  ),
});
export type HypothesisResult = Final<Static<typeof HypothesisResult>>;
