import { expect, test } from 'vitest';
import { affectedHops, isHop } from '#lab/kit/topology/hops.ts';

test('affectedHops names each hop with a fault once, and nothing else', () => {
  const faults = ['nats', 'consumer->nats', 'load->gateway', 'consumer->nats'].map((target) => ({ target }));
  expect(affectedHops(faults)).toEqual(['load->gateway', 'consumer->nats']);
  expect(affectedHops([])).toEqual([]);
});

test("isHop distinguishes hops from processes, and from hops that don't exist", () => {
  expect(
    ['consumer->nats', 'nats-1->nats', 'nats-1', 'consumer', 'nats->consumer', 'consumer -> nats'].map(isHop),
  ).toEqual([true, false, false, false, false, false]);
});
