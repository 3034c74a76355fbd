import { expect, test } from 'vitest';
import { kindsOf, targets } from '#lab/experiment/faults/kinds.ts';
import { engines } from '#lab/world/engines.ts';

test.each(targets)('kindsOf %s are all possible with the engines local and compose', (target) => {
  for (const name of ['local', 'compose'] as const)
    expect(engines[name]({ urls: {}, ownConsumer: false }).faults(target)).toEqual(
      Object.keys(kindsOf(target)),
    );
});
