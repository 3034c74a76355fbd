import { type Static, Type } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';
import { cutOff } from './cut-off.ts';
import { type Policy, Rejected, type Surroundings, TimedOut, type Work } from './policy.ts';

/** The call within was not done when its time was up. */
export class DeadlineExceeded extends TimedOut {
  override readonly name = 'DeadlineExceeded';

  constructor(ms: number) {
    super(`not done in the ${Math.round(ms)} ms that were left`);
  }
}

/** There is too little time left to begin. */
export class TooLate extends Rejected {
  override readonly name = 'TooLate';

  constructor(leftMs: number) {
    super('deadline', `${Math.round(leftMs)} ms left, too little to begin`);
  }
}

const Ms = (options: object) => Type.Number({ minimum: 0, maximum: 3_600_000, ...options });

export const DeadlineOptions = strict(
  {
    ms: Type.Optional(Ms({ description: 'The longest that a call may take, whatever its caller says.' })),
    marginMs: Ms({ default: 0, description: "Kept back from the caller's time, for the way of the answer." }),
    leastMs: Ms({
      default: 0,
      description: 'Work with no more time than this is refused: it would be in vain.',
    }),
  },
  {
    description:
      'Gives up when the time is up that the caller has left (x-timeout-ms), and tells each attempt what is left of it. Within the retry policy it limits attempts, around it the whole.',
  },
);
export type DeadlineOptions = Static<typeof DeadlineOptions>;

/** Rejects with TooLate what can't be done in time, and with DeadlineExceeded what was not; a call without a limit is let through. */
export function deadline(
  { ms = Infinity, marginMs, leastMs }: DeadlineOptions,
  { clock, emit }: Surroundings,
): Policy {
  const leftOf = ({ callerDeadlineAtMs = Infinity }: Work) =>
    Math.min(ms, callerDeadlineAtMs - marginMs - clock.now());

  return (next) => async (work, signal) => {
    const leftMs = leftOf(work);
    if (leftMs === Infinity) return next(work, signal);
    if (leftMs <= leastMs) {
      emit({ kind: 'rejected', policy: 'deadline' });
      throw new TooLate(leftMs);
    }
    // Attempts are told the sooner of this one and one further out, which holds again afterwards.
    const outerAtMs = work.deadlineAtMs;
    work.deadlineAtMs = Math.min(clock.now() + leftMs, outerAtMs ?? Infinity);
    try {
      return await cutOff(next, work, signal, clock, leftMs, () => {
        emit({ kind: 'timeout', ms: leftMs });
        return new DeadlineExceeded(leftMs);
      });
    } finally {
      work.deadlineAtMs = outerAtMs;
    }
  };
}

/** What the schema can't say: fields that contradict each other. */
export function deadlineProblems({ ms = Infinity, leastMs }: DeadlineOptions): Problem[] {
  if (ms > leastMs) return [];
  return [
    { pointer: '/leastMs', message: `expected less than ms, which is ${ms}: every call would be refused` },
  ];
}
