import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { secret, withSecrets } from '#kit/process/secret.ts';
import { testFolder } from '#test/support/folder.ts';

const variables = { TOKEN: secret('a secret'), PLAIN: Type.String() };

function fileWith(text: string): string {
  const file = join(testFolder(), 'secret');
  writeFileSync(file, text);
  return file;
}

test.each(['s3cret', 's3cret\n', 's3cret\r\n'])('withSecrets reads a secret from its file: %j', (text) => {
  const TOKEN_FILE = fileWith(text);
  expect(withSecrets(variables, { TOKEN_FILE, PLAIN: 'x' })).toEqual({
    TOKEN_FILE,
    TOKEN: 's3cret',
    PLAIN: 'x',
  });
});

test('withSecrets leaves alone what is no secret, and a secret given as it is', () => {
  const data = { TOKEN: 's3cret', TOKEN_FILE: '', PLAIN_FILE: '/nowhere' };
  expect(withSecrets(variables, data)).toEqual(data);
});

test('withSecrets refuses a secret given both ways', () => {
  expect(() => withSecrets(variables, { TOKEN: 'a', TOKEN_FILE: fileWith('b') })).toThrow(
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
  expect(() => withSecrets(variables, { TOKEN_FILE })).toThrow(message);
});

test.each(['', '\n'])('withSecrets refuses an empty file: %j', (text) => {
  expect(() => withSecrets(variables, { TOKEN_FILE: fileWith(text) })).toThrow(
    'TOKEN_FILE names an empty file: ',
  );
});
