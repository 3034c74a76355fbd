import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { brokerVariables, readEnv, secret, withSecrets } from '#kit/process/env.ts';
import { Type } from '#kit/schema/type.ts';
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
    'the environment: missing required field NATS_URL',
    'PORT: expected a number <= 65535, got 65536',
    'CONTROL_PORT: expected a whole number, got "x"',
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

const withToken = { TOKEN: secret('a secret'), PLAIN: Type.String() };

function fileWith(text: string): string {
  const file = join(testFolder(), 'secret');
  writeFileSync(file, text);
  return file;
}

test.each(['s3cret', 's3cret\n', 's3cret\r\n'])('withSecrets reads a secret from its file: %j', (text) => {
  const TOKEN_FILE = fileWith(text);
  expect(withSecrets(withToken, { TOKEN_FILE, PLAIN: 'x' })).toEqual({
    TOKEN_FILE,
    TOKEN: 's3cret',
    PLAIN: 'x',
  });
});

test('withSecrets refuses a secret given both ways', () => {
  expect(() => withSecrets(withToken, { TOKEN: 'a', TOKEN_FILE: fileWith('b') })).toThrow(
    'TOKEN and TOKEN_FILE are both set: set only one of them',
  );
});

test.each([
  [
    'is not there',
    '/nowhere/token',
    "TOKEN_FILE names a file that can't be read: /nowhere/token: no such file or folder",
  ],
  ['is a folder', '/', "TOKEN_FILE names a file that can't be read: /: it is a folder"],
])('withSecrets names the variable whose file %s', (_, TOKEN_FILE, message) => {
  expect(() => withSecrets(withToken, { TOKEN_FILE })).toThrow(message);
});

test.each(['', '\n'])('withSecrets refuses an empty file: %j', (text) => {
  expect(() => withSecrets(withToken, { TOKEN_FILE: fileWith(text) })).toThrow(
    'TOKEN_FILE names an empty file: ',
  );
});
