import { expect, test } from 'vitest';
import { faultKinds } from '#lab/chaos/kinds.ts';
import { engines } from '#lab/engine/engines.ts';

const options = { urls: {}, ownConsumer: false };

test('faultKinds are all possible with the engine compose', () => {
  expect(engines.compose(options).faults).toEqual(faultKinds);
});

test('faultKinds are possible with the engine local, but for the network', () => {
  const impossible = faultKinds.filter((kind) => !engines.local(options).faults.includes(kind));
  expect(impossible).toEqual(['disconnect']);
});
