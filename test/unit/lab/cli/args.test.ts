import { InvalidArgumentError } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import {
  durationOf,
  eachGiven,
  given,
  labelOf,
  marginOf,
  namesOf,
  positive,
  urlOf,
  whole,
} from '#lab/cli/args.ts';

test('urlOf adds a part to those given before', () => {
  const before = urlOf('gateway=http://h:1');
  expect(urlOf('nats=nats://h:2', before)).toEqual({ gateway: 'http://h:1', nats: 'nats://h:2' });
});

test('urlOf takes https for services of the user', () => {
  expect(urlOf('gateway=https://h')).toEqual({ gateway: 'https://h' });
  expect(urlOf('publisher=https://h:1/')).toEqual({ publisher: 'https://h:1/' });
});

test('urlOf takes the URLs of several replicas, with commas between', () => {
  expect(urlOf('gateway=http://h:1,http://h:2')).toEqual({ gateway: 'http://h:1,http://h:2' });
});

test.each([
  ['gateway=http://h:1,', 'expected http://host:port or https://host:port without a path'],
  ['gateway=http://h:1,https://h:2', 'expected http://host:port or https://host:port without a path'],
  ['gateway-control=http://h:1,nats://h:2', 'expected http://host:port without a path'],
  ['gateway=http://h:1/api', 'expected http://host:port or https://host:port without a path'],
  ['gateway=ftp://h:1', 'expected http://host:port or https://host:port without a path or credentials'],
  ['gateway-control=https://h:1', 'expected http://host:port without a path'],
  ['gateway-control=http://h:1?x', 'expected http://host:port without a path'],
  ['nats=nats://u:p@h:1', 'expected nats://host:port without a path or credentials'],
  ['gate=http://h:1', 'expected <part>=<url> with one of gateway, '],
  ['http://h:1', 'expected <part>=<url> with one of gateway, '],
])('urlOf refuses %s', (text, message) => {
  expect(() => urlOf(text)).toThrow(InvalidArgumentError);
  expect(() => urlOf(text)).toThrow(message);
});

test('eachGiven adds a name to those given before', () => {
  expect(eachGiven('b', eachGiven('a'))).toEqual(['a', 'b']);
});

test('namesOf splits at commas and adds each name once', () => {
  expect(namesOf('b, c,a', namesOf('a,b'))).toEqual(['a', 'b', 'c']);
});

test.each([
  ['whole', whole(1, 100), '1', 1],
  ['whole', whole(1, 100), '100', 100],
  ['positive', positive(10), '0.1', 0.1],
  ['positive', positive(10), '10', 10],
  ['marginOf', marginOf, '5%', 0.05],
  ['marginOf', marginOf, '1', 1],
  ['labelOf', labelOf, ' after <the> fix ✓ ', 'after <the> fix ✓'],
  ['labelOf', labelOf, 'x'.repeat(80), 'x'.repeat(80)],
])('%s reads what it is made for: %s %s', (_name, read, text, value) => {
  expect(read(text)).toBe(value);
});

test.each<[string, (text: string) => unknown, string]>([
  ['given', given, ''],
  ['eachGiven', eachGiven, ''],
  ['namesOf', namesOf, 'a,,b'],
  ['whole', whole(1, 100), '0'],
  ['whole', whole(1, 100), '101'],
  ['whole', whole(1, 100), '1.5'],
  ['whole', whole(1, 100), '0x10'],
  ['whole', whole(0, 100), ''],
  ['positive', positive(10), '0'],
  ['positive', positive(10), '10.1'],
  ['positive', positive(10), '1e1'],
  ['labelOf', labelOf, ' '],
  ['labelOf', labelOf, 'x'.repeat(81)],
  ['labelOf', labelOf, 'two\nlines'],
  ['labelOf', labelOf, 'an \u001b escape'],
  ['labelOf', labelOf, 'from right \u202e to left'],
])('%s refuses what it is not made for: %s "%s"', (_name, read, text) => {
  expect(() => read(text)).toThrow(InvalidArgumentError);
});

test.each(['5', 'much', '-1%', '5ms'])('marginOf says what it expects instead of "%s"', (text) => {
  expect(() => marginOf(text)).toThrow('expected a share such as 5% or 0.05');
});

test('durationOf takes a time above 0 with a unit, up to an hour', () => {
  expect([durationOf('500ms'), durationOf('1.5s')]).toEqual([500, 1500]);
  for (const text of ['20', '0s', '3601s', '1h']) expect(() => durationOf(text)).toThrow(/such as 20s/);
});
