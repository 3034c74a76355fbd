import type { Static, TUnsafe } from 'typebox';
import type { Random } from '#kit/random.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import type { Arrival, Plan } from './arrival.ts';
import { bursts, constant, poisson, ramp, replay } from './formulas.ts';

const kinds = { constant, poisson, bursts, ramp, replay };

export const Arrivals = taggedKinds(kinds, { description: 'When requests are scheduled.' });
export type Arrivals = Static<typeof Arrivals>;

const kindOf = ({ kind }: Arrivals) => kinds[kind] as unknown as Arrival<TUnsafe<Arrivals>>;

export const checkArrivals = (arrivals: Arrivals): Problem[] => kindOf(arrivals).check?.(arrivals) ?? [];

export const planArrivals = (arrivals: Arrivals, random: Random): Plan =>
  kindOf(arrivals).plan(arrivals, random);

export const isScalable = (arrivals: Arrivals): boolean => kindOf(arrivals).scale !== undefined;

export const scaleArrivals = (arrivals: Arrivals, factor: number): Arrivals =>
  kindOf(arrivals).scale?.(arrivals, factor) ?? arrivals;
