import type { Static } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { outcomes, paths } from '#kit/wire.ts';

const text = (maxLength: number) => Type.String({ maxLength });
const count = () => Type.Integer({ minimum: 0, maximum: 1e9 });

/** Status of a run, which the lab reports so that dashboards show it. */
export const RunStatus = strict({
  leaseMs: Type.Number({
    exclusiveMinimum: 0,
    maximum: 60_000,
    description: 'Time without an update after which the run counts as over.',
  }),
  variant: text(255),
  path: Type.Enum(paths),
  phase: Type.Optional(text(64)),
  deadlineMs: Type.Number({ exclusiveMinimum: 0, maximum: 3_600_000 }),
  faults: Type.Array(strict({ name: text(40), target: text(40), kind: text(40) }), {
    maxItems: 100,
    description: 'Active faults.',
  }),
  offered: count(),
  ended: Type.Partial(strict(Object.fromEntries(outcomes.map((outcome) => [outcome, count()]))), {
    additionalProperties: false,
    description: 'Requests that have ended, by outcome; like `offered`, since the variant began.',
  }),
});
export type RunStatus = Static<typeof RunStatus>;
