import { expect, test } from 'vitest';
import { kindsOf, targets } from '#lab/experiment/faults/kinds.ts';
import { isHop } from '#lab/experiment/topology/hops.ts';
import { engines } from '#lab/world/engines.ts';

const options = { urls: {}, ownConsumer: false };

test.each(targets)('kindsOf %s are all possible with the engine compose', (target) => {
  expect(engines.compose(options).faults(target)).toEqual(Object.keys(kindsOf(target)));
});

test.each(targets)('kindsOf %s are possible with the engine local, but for disconnecting it', (target) => {
  const possible = engines.local(options).faults(target);
  const impossible = Object.keys(kindsOf(target)).filter((kind) => !possible.includes(kind));
  expect(impossible).toEqual(isHop(target) ? [] : ['disconnect']);
});
