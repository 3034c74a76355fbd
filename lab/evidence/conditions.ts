import type { Static } from 'typebox';
import { Type } from '#kit/schema/type.ts';
import { described, type Final, list, number, object, text } from '#lab/experiment/schema-helpers.ts';
import { Counts } from '#load/protocol.ts';

export const Machine = object(
  {
    node: text(),
    nats: text(),
    cpus: number(),
    cpuModel: text(),
    memoryBytes: number(),
    platform: text(),
    loadAverage: number('Mean over the minute before the run.'),
  },
  'Machine that conducted the run.',
);

export const SlowMotion = object(
  {
    factor: number(),
    asked: Type.Union([number(), Type.Literal('auto')], {
      description: 'Factor that was asked for. `auto`: the figures below determined the factor.',
    }),
    unslowed: Type.Optional(
      Type.Literal(true, {
        description: '`auto` stays at full speed for `by: server`, a delay that nothing slows.',
      }),
    ),
    overheadMs: Type.Optional(
      number('Time by which an attempt took longer than its model says, at full speed.'),
    ),
    cpuMs: Type.Optional(number('CPU time per request in all processes but the broker.')),
    overheadRatio: Type.Optional(number('Overhead ÷ healthy latency of an attempt.')),
    limitRatio: Type.Optional(number('Send lag or sleep excess ÷ its limit, the larger ratio.')),
    tooFast: Type.Optional(text('Reasons why smaller factors were given up in the first variant, and when.')),
    stallRatio: Type.Optional(
      number(
        'Length from which stalls are recorded at full speed ÷ length from which one may change a verdict.',
      ),
    ),
    cpuRatio: Type.Optional(
      number('CPU time used in the busiest 250 ms ÷ CPU time that all cores have in 250 ms.'),
    ),
  },
  "Factor of all durations, and why. Missing if the experiment asks for a factor of 1. All figures are in the experiment's own time.",
);
export type SlowMotion = Final<Static<typeof SlowMotion>>;

/** Variants and hypotheses that a run left out. */
export const LeftOut = object(
  {
    variants: list(text()),
    hypotheses: list(text(), 'Hypotheses that name a variant that was left out.'),
  },
  'Variants that `run --only` left out. Missing if there is none.',
);

export const RunError = object({
  name: text('Kind of the error.'),
  message: text(),
  variant: Type.Optional(text('Variant that the error cut short. It is not among the results.')),
  counts: Type.Optional(described(Counts, 'Last counts of the generator.')),
});
export type RunError = Final<Static<typeof RunError>>;
