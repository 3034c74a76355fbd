import { expect, test } from 'vitest';
import { addressesIn, addressOf, hostIn, httpUrls, urlsIn, withoutPasswords } from '#kit/urls.ts';

test.each([
  ['http://a:1', ['http://a:1']],
  ['http://a:1,http://b:2,http://a:3', ['http://a:1', 'http://b:2', 'http://a:3']],
])('httpUrls matches %s, and urlsIn has each of them', (written, urls) => {
  expect(written).toMatch(new RegExp(httpUrls));
  expect(urlsIn(written)).toEqual(urls);
});

test.each([
  ...['', 'a:1', 'https://a', 'http://', 'http://a,', 'http://a,b:2', ',http://a', 'http://a, http://b'],
])('httpUrls does not match "%s"', (written) => {
  expect(written).not.toMatch(new RegExp(httpUrls));
});

test.each([
  ['http://127.0.0.1:4100', '127.0.0.1', 4100],
  ['http://gateway', 'gateway', 80],
  ['https://gateway', 'gateway', 443],
  ['http://[::1]:4100/', '::1', 4100],
  ['nats://127.0.0.1:4300', '127.0.0.1', 4300],
  ['nats://nats', 'nats', 4222],
  ['nats://[::1]', '::1', 4222],
])('addressOf %s is where a socket connects to', (url, host, port) => {
  expect(addressOf(url)).toEqual({ host, port });
});

test('addressesIn has the address of each replica, hostIn the host header of the first', () => {
  expect(addressesIn('http://a:1,http://b')).toEqual([
    { host: 'a', port: 1 },
    { host: 'b', port: 80 },
  ]);
  expect(hostIn('http://[::1]:1,http://b:2')).toBe('[::1]:1');
});

test.each([
  ['http://me:hunter2@host:80/work', 'http://…@host:80/work'],
  ['nats://token@broker refused', 'nats://…@broker refused'],
  ['http://me:hun@ter/2@host', 'http://…@host'],
  ['http://a:hunter1@b,http://c:hunter2@d', 'http://…@d'],
  ['{"input":"http://me:hunter2@host","mail":"a@b"}', '{"input":"http://…@host","mail":"a@b"}'],
  ['got "http://me:hunter2hunt…', 'got "http://…@'],
])('withoutPasswords makes of %s: %s', (text, shown) => {
  expect(withoutPasswords(text)).toBe(shown);
  expect(withoutPasswords(shown)).toBe(shown);
});

test.each(['http://host:80/path, a@b', 'at file:///app/node_modules/@nats-io/x.js', 'http://host/long…', ''])(
  'withoutPasswords leaves "%s" as it is',
  (text) => {
    expect(withoutPasswords(text)).toBe(text);
  },
);
