import { expect, test } from 'vitest';
import { affectedHops, isHop } from '#lab/topology/hops.ts';

test('harmedOf names each hop that is harmed once, and nothing else', () => {
  const faults = ['nats', 'consumer->nats', 'load->gateway', 'consumer->nats'].map((target) => ({ target }));
  expect(affectedHops(faults)).toEqual(['load->gateway', 'consumer->nats']);
  expect(affectedHops([])).toEqual([]);
});

test('isArrow tells hops from processes, and from hops that there are not', () => {
  expect(['consumer->nats', 'consumer', 'nats->consumer', 'consumer -> nats'].map(isHop)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
