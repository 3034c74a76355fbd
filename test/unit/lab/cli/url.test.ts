import { InvalidArgumentError } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { urlOf } from '#lab/cli/url.ts';

test('urlOf adds a part to those given before', () => {
  const before = urlOf('gateway=http://h:1');
  expect(urlOf('nats=nats://h:2', before)).toEqual({ gateway: 'http://h:1', nats: 'nats://h:2' });
});

test.each([
  ['gateway=http://h:1/api', 'expected http://host:port without a path'],
  ['gateway=https://h:1', 'expected http://host:port without a path'],
  ['gateway-control=http://h:1?x', 'expected http://host:port without a path'],
  ['nats=nats://u:p@h:1', 'expected nats://host:port without a path or credentials'],
  ['gate=http://h:1', 'expected <part>=<url> with one of gateway, '],
  ['http://h:1', 'expected <part>=<url> with one of gateway, '],
])('urlOf refuses %s', (text, message) => {
  expect(() => urlOf(text)).toThrow(InvalidArgumentError);
  expect(() => urlOf(text)).toThrow(message);
});
