import { type Static, Type } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict, tagged } from '#kit/schema/schema.ts';
import { WindowOptions } from './windows.ts';

const ratio = (description: string) =>
  Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1, description }));

const HalfOpen = {
  ...tagged(
    'kind',
    {
      trial: strict(
        {
          calls: Type.Integer({ default: 1, minimum: 1, maximum: 1000 }),
          maxWaitMs: Type.Number({
            default: 60_000,
            minimum: 0,
            maximum: 3_600_000,
            description:
              'Longest time in half-open: without a verdict by then, the breaker opens again. 0: without limit.',
          }),
        },
        { description: 'Lets so many calls through, refuses the rest, and closes when all have gone well.' },
      ),
      none: strict({}, { description: 'Simply closes, with the window as it was when the breaker opened.' }),
    },
    { description: 'What follows the open time.' },
  ),
  default: { kind: 'trial' },
};

export const BreakerOptions = strict(
  {
    window: WindowOptions,
    minimumCalls: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'Results in the window before it judges; by default all of a count window, 20 in a time window.',
      }),
    ),
    failures: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Opens at so many in the window.' }),
    ),
    failureRatio: ratio('Opens at this share of failures in the window.'),
    slowCallMs: Type.Optional(
      Type.Number({ minimum: 1, maximum: 3_600_000, description: 'A call that takes longer is slow.' }),
    ),
    slowRatio: ratio('Opens at this share of slow calls in the window.'),
    openMs: Type.Number({ default: 5000, minimum: 1, maximum: 3_600_000 }),
    openJitter: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 1,
      description: 'Spreads the open time evenly by this share of it, up and down.',
    }),
    halfOpen: HalfOpen,
  },
  { description: 'Refuses calls for a while when too many have failed.' },
);
export type BreakerOptions = Static<typeof BreakerOptions>;

/** What the schema can't say: fields that contradict each other or need one another. */
export function breakerProblems(options: BreakerOptions): Problem[] {
  const { window, failures, failureRatio, slowCallMs, slowRatio } = options;
  const problems: Problem[] = [];
  const expect = (fine: boolean, pointer: string, message: string) => {
    if (!fine) problems.push({ pointer, message: `expected ${message}` });
  };
  expect(
    (failures ?? failureRatio ?? slowRatio) !== undefined,
    '',
    'a field failures, failureRatio or slowRatio: without one it never opens',
  );
  expect(
    failures === undefined || failureRatio === undefined,
    '/failureRatio',
    'either failures or failureRatio, got both',
  );
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
