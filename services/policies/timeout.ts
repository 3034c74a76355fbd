import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { cutOff } from './cut-off.ts';
import { type Policy, type Surroundings, TimedOut } from './policy.ts';

/** The call within took longer than the timeout policy allows. */
export class AttemptTimeout extends TimedOut {
  override readonly name = 'AttemptTimeout';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export const TimeoutOptions = strict(
  { ms: Type.Number({ minimum: 1, maximum: 3_600_000 }) },
  { description: 'Gives up on a call that takes longer.' },
);
export type TimeoutOptions = Static<typeof TimeoutOptions>;

/** Rejects with AttemptTimeout after `ms` and aborts the call within, whether that listens or not. */
export function timeout({ ms }: TimeoutOptions, { clock, emit }: Surroundings): Policy {
  const late = () => {
    emit({ kind: 'timeout', ms });
    return new AttemptTimeout(ms);
  };
  return (next) => (work, signal) => cutOff(next, work, signal, clock, ms, late);
}
