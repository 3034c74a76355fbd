import { expect, test } from 'vitest';
import { elsewhere } from '#kit/schema/elsewhere.ts';
import { parser } from '#kit/schema/parser.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { problemsOf } from '#test/support/problems.ts';

const variant = ['properties', 'variants', 'additionalProperties', 'oneOf'];
const rpc = [...variant, '0'];
const event = [...variant, '1'];
const retry = [...rpc, 'properties', 'policies', 'items', 'properties', 'retry'];

const arrivals = ['properties', 'load', 'items', 'properties', 'arrivals', 'oneOf'];

/** Returns the place where a field probably belongs that is unknown in this container. */
const placeOf = (name: string, container: readonly string[]) =>
  elsewhere(name, [...container, 'additionalProperties'], Experiment);

test.each([
  ['budget', retry, 'policies: [{ budget: … }]', 'a policy inside another'],
  ['retry.budget', retry.slice(0, -2), 'budget: …', 'a name with a point'],
  ['handlers', event, 'consumer: { concurrency: … }', 'the name of other tools, of a field below'],
  ['handlers', rpc, 'policies: [{ bulkhead: { concurrency: … } }]', 'the same where no consumer is'],
  [
    'handlers',
    [],
    'variants: { NAME: { consumer: { concurrency: … } } }',
    'the same at the top, where others are closer',
  ],
  ['Timeout', rpc, 'policies: [{ timeout: … }]', 'a policy outside of the list, in another case'],
  ['policies', [], 'variants: { NAME: { policies: … } }', 'a field of each variant at the top'],
  ['rps', [], 'load: [{ arrivals: { ratePerSecond: … } }]', 'the rate of the load, not that of redrives'],
  [
    'ratePerSecond',
    rpc,
    'load: [{ arrivals: { ratePerSecond: … } }] at the top level',
    'the same by our name',
  ],
  ['delay', retry, 'backoff: { delayMs: … }', 'the name of other tools, two fields below'],
  ['retries', event, 'consumer: { redelivery: { maxRetries: … } }', 'the same, three fields below'],
  ['seed', event, 'seed: … at the top level', 'a field of the top in a variant'],
])('elsewhere finds %s, written in %j: %s', (name, container, place) => {
  expect(placeOf(name, container)).toBe(place);
});

test.each([
  ['concurrencies', event, 'another word'],
  ['class', rpc, 'a field of several policies'],
  ['redelivery', rpc, 'a field of the other path alone'],
  ['kind', rpc, 'a field of everything that has kinds'],
  ['name', rpc, 'a field of everything that has a name'],
  ['delay', rpc, 'the name of other tools, four fields below'],
  ['delay', event, 'the same in the other path'],
  ['rps', [...arrivals, '2'], 'a field of other kinds alone'],
  ['duplicates', rpc, 'a field that only predictions have'],
])('elsewhere finds no place for %s, written in %j: %s', (name, container) => {
  expect(placeOf(name, container)).toBeUndefined();
});

test('a schema suggests the place of an unknown field, and all names beside it if there is none', () => {
  const inner = strict({ ms: Type.Optional(Type.Number()) });
  const parse = parser(strict({ inner: Type.Optional(inner), rate: Type.Optional(Type.Number()) }));
  const messages = (value: object) => problemsOf(() => parse(value)).map(({ message }) => message);
  expect(messages({ ms: 1 })).toEqual(['unknown field, did you mean inner: { ms: … }?']);
  expect(messages({ inner: { xyz: 1 } })).toEqual(['unknown field, expected one of ms']);
});
