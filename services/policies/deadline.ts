import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { documented, number } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { listening, type Policy, Rejected, type Surroundings, TimedOut, type Work } from './policy.ts';
import { cutOff } from './timeout.ts';

export class DeadlineExceeded extends TimedOut {
  override readonly name = 'DeadlineExceeded';

  constructor(ms: number) {
    super(`not completed in the remaining ${Math.round(ms)} ms`);
  }
}

export class TooLate extends Rejected {
  override readonly name = 'TooLate';

  constructor(leftMs: number) {
    super('deadline', `${Math.round(leftMs)} ms left, too little to begin`);
  }
}

const upToAnHour = { from: 0, to: 3_600_000 };

export const DeadlineOptions = documented(
  "Gives up when the caller's time (`x-timeout-ms`) is over. Sends the time that is left with each attempt. Inside a retry policy it limits each attempt; around a retry policy, it limits the whole call.",
  {
    ms: Type.Optional(
      number(upToAnHour, "Longest duration of a call. If the caller's time is shorter, that applies."),
    ),
    marginMs: number(
      { ...upToAnHour, default: 0 },
      "Part of the caller's time that is reserved for returning the answer.",
    ),
    leastMs: number({ ...upToAnHour, default: 0 }, 'Refuses calls with at most this much time left.'),
  },
);
export type DeadlineOptions = Static<typeof DeadlineOptions>;

/**
 * Returns a policy that rejects with TooLate before a call that has too little time left, and with DeadlineExceeded
 * when the time is over. If there is no limit, it lets the call through.
 */
export function deadline(
  { ms = Infinity, marginMs, leastMs }: DeadlineOptions,
  surroundings: Surroundings,
): Policy {
  const { clock, emit } = surroundings;
  const leftOf = ({ callerDeadlineAtMs = Infinity }: Work) =>
    Math.min(ms, callerDeadlineAtMs - marginMs - clock.now());

  return (next) => async (work, signal) => {
    const leftMs = leftOf(work);
    if (leftMs === Infinity) return next(work, signal);
    if (leftMs <= leastMs) {
      emit({ kind: 'rejected', policy: 'deadline' });
      await listening;
      throw new TooLate(leftMs);
    }
    // Attempts get the earlier of this deadline and that of an outer policy. After the call, the outer deadline applies
    // again.
    const outerAtMs = work.deadlineAtMs;
    work.deadlineAtMs = Math.min(clock.now() + leftMs, outerAtMs ?? Infinity);
    try {
      const late = () => new DeadlineExceeded(leftMs);
      return await cutOff(next, work, signal, leftMs, late, 'deadline', surroundings);
    } finally {
      work.deadlineAtMs = outerAtMs;
    }
  };
}

export function deadlineProblems({ ms = Infinity, leastMs }: DeadlineOptions): Problem[] {
  if (ms > leastMs) return [];
  return [
    { pointer: '/leastMs', message: `expected less than ms, which is ${ms}: every call would be refused` },
  ];
}
