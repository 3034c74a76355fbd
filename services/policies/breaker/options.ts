import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { documented, integer, number, tagged } from '#kit/schema/schema.ts';

const windowKinds = {
  count: documented('The last `size` results.', {
    size: integer({ from: 1, to: 10_000, default: 20 }, 'Number of results.'),
  }),
  time: documented('The results of the last `ms`.', {
    ms: number({ from: 1, to: 3_600_000, default: 10_000 }, 'Length of the time span.'),
    buckets: integer(
      { from: 1, to: 1000, default: 10 },
      'Number of parts of the time span. Old results are forgotten one part at a time.',
    ),
  }),
};

const halfOpenKinds = {
  trial: documented(
    'Allows `calls` trial calls and refuses other calls. Closes when all trial calls have succeeded.',
    {
      calls: integer({ from: 1, to: 1000, default: 1 }, 'Number of trial calls. All must succeed.'),
      maxWaitMs: number(
        { from: 0, to: 3_600_000, default: 60_000 },
        'Longest time without a verdict of the trial calls, after which the breaker opens again. 0: without limit.',
      ),
    },
  ),
  none: documented(
    'Closes after the open time without trial calls, with the results of the window as they were.',
    {},
  ),
};

const ratio = (description: string) => number({ above: 0, to: 1, optional: true }, description);

export const BreakerOptions = documented('Refuses calls for a while when too many have failed.', {
  window: tagged('kind', windowKinds, {
    description: 'The results that decide whether the breaker opens.',
  }),
  minimumCalls: integer(
    { from: 1, to: 1_000_000, optional: true },
    'Results required in the window before the breaker can open. Default: `size` in a count window, 20 in a time window.',
  ),
  failures: integer(
    { from: 1, to: 1_000_000, optional: true },
    'Opens at this number of failures in the window.',
  ),
  failureRatio: ratio('Opens at this share of failures in the window.'),
  slowCallMs: number({ from: 1, to: 3_600_000, optional: true }, 'Duration above which a call is slow.'),
  slowRatio: ratio('Opens at this share of slow calls in the window.'),
  openMs: number({ from: 1, to: 3_600_000, default: 5000 }, 'Time for which an open breaker refuses calls.'),
  openJitter: number(
    { from: 0, to: 1, default: 0 },
    'Lengthens or shortens each open time at random, by up to this share.',
  ),
  halfOpen: {
    ...tagged('kind', halfOpenKinds, { description: 'State after the open time.' }),
    default: { kind: 'trial' },
  },
});
export type BreakerOptions = Static<typeof BreakerOptions>;

/** Returns problems that the schema can't detect: fields that contradict each other, or a field that needs another. */
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
