import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientOf } from '#policies/load-client.ts';
import { testFolder } from '#test/support/folder.ts';
import { never, ok, script } from './rig.ts';

function written(text: string) {
  const CLIENT = join(testFolder(), 'client.mjs');
  writeFileSync(CLIENT, text);
  return { CLIENT, DOWNSTREAM_URL: 'http://127.0.0.1:4000,http://127.0.0.1:4001' };
}

test('clientOf opens the module with the address of the first replica, with a new state each time', async () => {
  const env = written(`export default ({ url }) => { let calls = 0; return async () => [url, ++calls]; };`);
  const open = await clientOf(env);
  for (let turn = 0; turn < 2; turn++) {
    const call = (await open!())(script(ok));
    const answer = await call({ id: 'r0', body: '{}', attempts: 0 }, never);
    expect(JSON.parse(answer)).toEqual(['http://127.0.0.1:4000/work', 1]);
  }
});

test('clientOf returns nothing if the environment names no module', async () => {
  expect(await clientOf({ CLIENT: '', DOWNSTREAM_URL: '' })).toBeUndefined();
});

test.each([
  ['export default 7;', 'to export a function as default, got number'],
  ['export const client = () => {};', 'to export a function as default, got undefined'],
  [`throw new Error('no licence');`, 'no licence'],
])('clientOf refuses %s', async (text, reason) => {
  await expect(clientOf(written(text))).rejects.toThrow(reason);
});
