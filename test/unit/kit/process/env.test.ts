import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { brokerVariables, readEnv } from '#kit/process/env.ts';
import { testFolder } from '#test/support/folder.ts';

const variables = { NATS_URL: Type.String({ pattern: '^nats://' }) };
const valid = { NATS_URL: 'nats://127.0.0.1:4222' };

test('readEnv fills in defaults, that keep to loopback, and turns numbers into numbers', () => {
  expect(readEnv(variables, { ...valid, PORT: '4100' })).toMatchObject({
    ...valid,
    HOST: '127.0.0.1',
    PORT: 4100,
    CONTROL_HOST: '127.0.0.1',
    CONTROL_PORT: 0,
    CONFIG: '{}',
    LOG_LEVEL: 'info',
  });
});

test('readEnv names each wrong variable and each missing one, with what was expected', () => {
  const wrong = { PORT: '65536', CONTROL_PORT: 'x', LOG_LEVEL: 'loud' };
  const message = [
    'the environment: expected a field NATS_URL',
    'PORT: expected a number <= 65535, got 65536',
    'CONTROL_PORT: expected integer, got "x"',
    'LOG_LEVEL: expected a text that matches ^(trace|debug|info|warn|error|fatal|silent)$, got "loud"',
  ].join('; ');
  expect(() => readEnv(variables, wrong)).toThrow(expect.objectContaining({ message }));
  expect(() => readEnv(variables, { NATS_URL: 'http://x' })).toThrow(
    'NATS_URL: expected a text that matches ^nats://, got "http://x"',
  );
});

const token = '0123456789abcdef';

test.each(['0.0.0.0', '::', '192.168.1.7', '127.example.org', '', 'example.org'])(
  'readEnv refuses to control from "%s" without a token of 16 characters',
  (CONTROL_HOST) => {
    const refusal = /CONTROL_HOST is .*not loopback: set CONTROL_TOKEN/;
    expect(() => readEnv(variables, { ...valid, CONTROL_HOST })).toThrow(refusal);
    expect(() => readEnv(variables, { ...valid, CONTROL_HOST, CONTROL_TOKEN: token.slice(1) })).toThrow(
      refusal,
    );
    expect(readEnv(variables, { ...valid, CONTROL_HOST, CONTROL_TOKEN: token })).toMatchObject({
      CONTROL_HOST,
    });
  },
);

test.each(['localhost', '::1', '127.0.0.1', '127.3.2.1'])('readEnv needs no token for %s', (CONTROL_HOST) => {
  expect(readEnv(variables, { ...valid, CONTROL_HOST })).toMatchObject({ CONTROL_TOKEN: '' });
});

test('readEnv takes secrets from files, and measures those by the same rule', () => {
  const file = join(testFolder(), 'token');
  const read = () =>
    readEnv(brokerVariables, { ...valid, CONTROL_HOST: '0.0.0.0', CONTROL_TOKEN_FILE: file });
  writeFileSync(file, `${token}\n`);
  expect(read()).toMatchObject({ CONTROL_TOKEN: token, NATS_CREDENTIALS: '' });
  writeFileSync(file, `${token.slice(1)}\n`);
  expect(read).toThrow('set CONTROL_TOKEN, or CONTROL_TOKEN_FILE, to at least 16 characters');
});
