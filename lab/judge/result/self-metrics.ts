import type { Static } from 'typebox';
import { Type } from '#kit/schema/type.ts';
import { Overhead } from '#lab/evidence/simulations.ts';
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

export const Percentiles = object({
  count: number(),
  meanMs: number(),
  p50Ms: number('Median.'),
  p90Ms: number(),
  p95Ms: number(),
  p99Ms: number(),
  p999Ms: number('99.9 % are at most this.'),
  maxMs: number(),
});
export type Percentiles = Final<Static<typeof Percentiles>>;

export const Self = object(
  {
    lag: described(Percentiles, 'Time from scheduled to sent.'),
    sleepExcess: nullable(Percentiles, 'Time by which downstream slept longer than its model says.'),
    attempt: Type.Optional(
      nullable(
        object({
          meanMs: number('Mean duration of an attempt.'),
          modelledMs: number('Mean sleep of the model.'),
        }),
        'Null if no service of Spillway made an attempt.',
      ),
    ),
    overhead: Type.Optional(
      nullable(Overhead, 'Overhead per hop, fitted from the evidence. Null if it is unknown.'),
    ),
    comparedWithinMs: Type.Optional(
      number(
        'Largest error of the clocks in comparisons of effects with requests. Missing in a simulation, which has one clock.',
      ),
    ),
    stallMs: Type.Optional(
      number('Length from which a stall may change a verdict on the variant. Missing without a hypothesis.'),
    ),
    processes: list(
      object({
        name: text(),
        loopDelayP99Ms: nullable(
          number(),
          'p99 of the delay of the event loop. Null for the generator, whose delay is `lag`.',
        ),
        cpuMs: number(),
        saturated: flag('True if its event loop ran so late that the process itself limited the system.'),
        restarted: flag(
          'True if the process was restarted. If it was killed, its last counts are missing from all figures.',
        ),
      }),
      "Processes on the variant's path.",
    ),
  },
  'Effects of the testbed itself on the measurement.',
);
