import { expect, test } from 'vitest';
import { isSameTarget, namesOf, processesOf, serviceOf } from '#lab/kit/topology/replicas.ts';

const replicas = { gateway: 1, publisher: 2, consumer: 3, downstream: 1 };

test.each([
  ['gateway', ['gateway']],
  ['publisher', ['publisher-1', 'publisher-2']],
  ['consumer', ['consumer-1', 'consumer-2', 'consumer-3']],
  ['consumer-2', ['consumer-2']],
  ['nats', ['nats']],
  ['consumer->nats', ['consumer->nats']],
])('processesOf %s are %j', (target, names) => {
  expect(processesOf(target, replicas)).toEqual(names);
});

test('namesOf numbers processes only where there are several', () => {
  expect(namesOf('gateway', 1)).toEqual(['gateway']);
  expect(namesOf('gateway', 2)).toEqual(['gateway-1', 'gateway-2']);
  expect(namesOf('gateway', 0)).toEqual([]);
});

test.each([
  ['consumer', 'consumer'],
  ['consumer-2', 'consumer'],
  ['nats', 'nats'],
  ['nats-2', 'nats'],
  ['nats-leader', 'nats'],
  ['gateway->downstream', 'gateway->downstream'],
])('serviceOf %s is %s', (name, service) => {
  expect(serviceOf(name)).toBe(service);
});

test.each([
  ['consumer', 'consumer', true],
  ['consumer-2', 'consumer-2', true],
  ['consumer', 'consumer-2', true],
  ['consumer-2', 'consumer', true],
  ['consumer-1', 'consumer-2', false],
  ['consumer', 'gateway-1', false],
  ['consumer', 'consumer->nats', false],
  ['nats-1', 'nats-2', false],
  ['nats-1', 'nats-leader', true],
  ['nats-minority', 'nats-majority', true],
  ['nats', 'nats-majority', true],
])('isSameTarget of %s and %s is %s', (one, other, expected) => {
  expect(isSameTarget(one, other)).toBe(expected);
});
