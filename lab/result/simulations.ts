import type { Static } from 'typebox';
import { Type } from '#kit/schema/type.ts';
import { described, type Final, list, nullable, number, object, text } from './schema-helpers.ts';

/** Time that each hop adds to a call, in ms of the experiment's own time. */
export const Overhead = object({
  gatewayMs: Type.Optional(number('From the generator to the gateway and back; only on the path `rpc`.')),
  publishMs: Type.Optional(number('From the generator to the stream and back; only on the path `event`.')),
  deliverMs: Type.Optional(number('From the stream to the consumer and back; only on the path `event`.')),
  downstreamMs: number('From the gateway or the consumer to downstream and back.'),
});
export type Overhead = Final<Static<typeof Overhead>>;

const Simulated = object({
  mean: number('Mean over the seeds.'),
  low: number('Lower end of the interval in which a measurement lies with a probability of 95 %.'),
  high: number('Upper end of the interval.'),
});
export type Simulated = Final<Static<typeof Simulated>>;

const Column = nullable(Simulated, 'Null if no simulation had a value.');

const PredictedFigure = object({
  metric: text('`goodput`, `amplification`, `p50` or `p99`.'),
  ideal: described(Column, 'Simulated without overhead. Null if no simulation had a value.'),
  withOverhead: described(Column, 'Simulated with the overhead per hop. Null if the overhead is unknown.'),
  measured: nullable(number(), 'Measured value; with several rounds, the mean over the rounds.'),
  verdict: Type.Enum(['agrees', 'explained', 'differs', 'unjudged'], {
    description:
      '`agrees`: the measurement agrees with both simulations, `ideal` and `withOverhead`. `explained`: it agrees only with `withOverhead`. `differs`: it does not agree with `withOverhead`. `unjudged`: a value is missing, a percentile has fewer than 1,000 completed requests, or the variant is invalid.',
  }),
});
export type PredictedFigure = Final<Static<typeof PredictedFigure>>;

/** Simulations of the experiment beside the measurement. */
export const Simulations = object(
  {
    seeds: list(number(), 'Simulated seeds; none if nothing was simulated.'),
    reason: Type.Optional(text('Sentence: why nothing was simulated.')),
    acquitted: Type.Optional(
      list(text(), 'Hypotheses whose verdict simulations with the stalls of the run did not change.'),
    ),
    variants: list(
      object({
        name: text(),
        overhead: nullable(Overhead, 'Overhead per hop, fitted from the evidence; null if unknown.'),
        reason: Type.Optional(text('Sentence: why the variant was not simulated.')),
        figures: list(PredictedFigure),
      }),
    ),
  },
  'The same experiment simulated after the run, see [simulate](../how-to/simulate.md).',
);
export type Simulations = Final<Static<typeof Simulations>>;
