import type { Static } from 'typebox';
import type { Random } from '#kit/random.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import type { Plan } from './arrival.ts';
import { bursts, constant, poisson, ramp, sine } from './formulas.ts';
import { replay } from './replay.ts';

const kinds = { constant, poisson, bursts, ramp, sine, replay };

export const Arrivals = taggedKinds(kinds, { description: 'When requests are scheduled.' });
export type Arrivals = Static<typeof Arrivals>;

/** Returns problems that the schema can't say. */
export function checkArrivals(arrivals: Arrivals): Problem[] {
  const kind = kinds[arrivals.kind];
  return 'check' in kind ? (kind.check as (options: Arrivals) => Problem[])(arrivals) : [];
}

export const planArrivals = (arrivals: Arrivals, random: Random): Plan =>
  (kinds[arrivals.kind].plan as (options: Arrivals, random: Random) => Plan)(arrivals, random);

export const isScalable = ({ kind }: Arrivals): boolean => 'scale' in kinds[kind];

/** Multiplies the rate of scalable arrivals; returns others unchanged. */
export function scaleArrivals(arrivals: Arrivals, factor: number): Arrivals {
  const kind = kinds[arrivals.kind];
  if (!('scale' in kind)) return arrivals;
  const scale = kind.scale as unknown as (options: Arrivals, factor: number) => Arrivals;
  return scale(arrivals, factor);
}
