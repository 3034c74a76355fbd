import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { integer, number, positive, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { WindowOptions } from './window.ts';

const ratio = (description: string) => Type.Optional(positive(1, description));

const HalfOpen = {
  ...tagged(
    'kind',
    {
      trial: strict(
        {
          calls: integer(1, 1000, undefined, 1),
          maxWaitMs: number(
            0,
            3_600_000,
            'Longest time in half-open: without a verdict by then, the breaker opens again. 0: without limit.',
            60_000,
          ),
        },
        { description: 'Allows so many calls, refuses the rest, and closes when all have succeeded.' },
      ),
      none: strict({}, { description: 'Closes with the window as it was when the breaker opened.' }),
    },
    { description: 'State after the open time.' },
  ),
  default: { kind: 'trial' },
};

export const BreakerOptions = strict(
  {
    window: WindowOptions,
    minimumCalls: Type.Optional(
      integer(
        1,
        1_000_000,
        'Results required in the window before the breaker can open. Default: all of a count window, 20 in a time window.',
      ),
    ),
    failures: Type.Optional(integer(1, 1_000_000, 'Opens at this number of failures in the window.')),
    failureRatio: ratio('Opens at this share of failures in the window.'),
    slowCallMs: Type.Optional(number(1, 3_600_000, 'Duration above which a call is slow.')),
    slowRatio: ratio('Opens at this share of slow calls in the window.'),
    openMs: number(1, 3_600_000, undefined, 5000),
    openJitter: number(0, 1, 'Spreads the open time evenly by this share of it, up and down.', 0),
    halfOpen: HalfOpen,
  },
  { description: 'Refuses calls for a while when too many have failed.' },
);
export type BreakerOptions = Static<typeof BreakerOptions>;

/** Returns what the schema can't say: fields that contradict each other or need one another. */
export function breakerProblems(options: BreakerOptions): Problem[] {
  const { window, failures, failureRatio, slowCallMs, slowRatio } = options;
  const problems: Problem[] = [];
  const expect = (fine: boolean, pointer: string, message: string) => {
    if (!fine) problems.push({ pointer, message: `expected ${message}` });
  };
  const opens = (failures ?? failureRatio ?? slowRatio) !== undefined;
  expect(
    opens,
    '',
    'one of the fields failures, failureRatio or slowRatio: without one the breaker never opens',
  );
  const hasBoth = failures !== undefined && failureRatio !== undefined;
  expect(!hasBoth, '/failureRatio', 'either failures or failureRatio, got both');
  expect(slowRatio === undefined || slowCallMs !== undefined, '/slowRatio', 'a field slowCallMs beside it');
  expect(slowCallMs === undefined || slowRatio !== undefined, '/slowCallMs', 'a field slowRatio beside it');
  if (window.kind === 'count') {
    for (const field of ['failures', 'minimumCalls'] as const) {
      const count = options[field] ?? 0;
      expect(count <= window.size, `/${field}`, `a number <= window.size (${window.size}), got ${count}`);
    }
  }
  return problems;
}
