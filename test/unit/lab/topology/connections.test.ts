import { expect, test } from 'vitest';
import { harmedOf, isArrow } from '#lab/topology/connections.ts';

test('harmedOf names each arrow that is harmed once, and nothing else', () => {
  const faults = ['nats', 'consumer->nats', 'load->gateway', 'consumer->nats'].map((target) => ({ target }));
  expect(harmedOf(faults)).toEqual(['load->gateway', 'consumer->nats']);
  expect(harmedOf([])).toEqual([]);
});

test('isArrow tells arrows from processes, and from arrows that there are not', () => {
  expect(['consumer->nats', 'consumer', 'nats->consumer', 'consumer -> nats'].map(isArrow)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
