import { expect, test } from 'vitest';
import { withoutPasswords } from '#kit/without-passwords.ts';

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

test('withoutPasswords takes no time for a long text of slashes', () => {
  for (const text of ['/', '//a', 'http://a:b'].map((part) => part.repeat(100_000)))
    expect(withoutPasswords(text)).toBe(text);
});
