import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testbedInEnvironment } from '#lab/cli/environment.ts';
import { testFolder } from '#test/support/folder.ts';

test('testbedInEnvironment reads the URLs, and secrets from their files', () => {
  const file = join(testFolder(), 'token');
  writeFileSync(file, 'secret\n');
  const SPILLWAY_URLS = 'gateway=http://g:1\n  load-control=http://l:2 ';
  expect(testbedInEnvironment({ SPILLWAY_URLS, SPILLWAY_CONTROL_TOKEN_FILE: file })).toEqual({
    knownUrls: { gateway: 'http://g:1', 'load-control': 'http://l:2' },
    controlToken: 'secret',
    natsCredentials: undefined,
  });
});

test.each([
  [
    { SPILLWAY_URLS: 'nats=nats://n:1 gate=http://g:1' },
    /^SPILLWAY_URLS: gate=http.*: expected <part>=<url> with/,
  ],
  [{ SPILLWAY_URLS: 'gateway=g:1' }, /^SPILLWAY_URLS: gateway=g:1: expected http:\/\/host:port/],
  [{ SPILLWAY_NATS_CREDENTIALS_FILE: '/nowhere' }, /^SPILLWAY_NATS_CREDENTIALS_FILE names a file that can't/],
])('testbedInEnvironment says what is wrong in %j, and what was expected', (env, message) => {
  expect(() => testbedInEnvironment(env)).toThrow(message);
});
