import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { taggedKinds } from '#kit/schema/schema.ts';
import { brownout } from './brownout.ts';
import { failure } from './failure.ts';
import { freeze } from './freeze.ts';
import { hang } from './hang.ts';
import type { Harm, Kind } from './kind.ts';
import { latency } from './latency.ts';
import { malformed } from './malformed.ts';
import { poison } from './poison.ts';
import { reset } from './reset.ts';
import { slowBody } from './slow-body.ts';
import { slowErrors } from './slow-errors.ts';
import { truncated } from './truncated.ts';

/** Every fault of the application, in the order in which they act on an attempt; a new one is a file and a line here. */
export const faultKinds = {
  freeze,
  brownout,
  latency,
  failure,
  poison,
  'slow-errors': slowErrors,
  'slow-body': slowBody,
  malformed,
  truncated,
  reset,
  hang,
};

export const FaultOptions = taggedKinds(faultKinds);
export type FaultOptions = Static<typeof FaultOptions>;

const order = Object.keys(faultKinds);

/** Which of two faults acts first. */
export const compareKinds = (a: FaultOptions, b: FaultOptions): number =>
  order.indexOf(a.kind) - order.indexOf(b.kind);

const kindOf = ({ kind }: FaultOptions) => faultKinds[kind] as unknown as Kind<TObject>;

/** What is wrong with a fault beyond what its schema can say. */
export const problemsOf = (fault: FaultOptions): Problem[] => kindOf(fault).problems?.(fault) ?? [];

/** Whether of two faults in force at once the first leaves nothing of the second. */
export function hides(one: FaultOptions, other: FaultOptions): boolean {
  if (!kindOf(one).answers || !kindOf(other).answers || compareKinds(one, other) <= 0) return false;
  const { ratio, class: ofClass } = { class: undefined, ratio: 1, ...one };
  return ratio === 1 && (ofClass === undefined || ('class' in other && other.class === ofClass));
}

export const createHarm = (options: FaultOptions, clock: Clock): Harm =>
  kindOf(options).create(options, clock);
