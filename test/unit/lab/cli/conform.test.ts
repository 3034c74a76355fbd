import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { testFolder } from '#test/support/folder.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';

test.each(['folder', 'breaker.yaml'])('conform refuses %s, which is no module', async (name) => {
  const client = join(testFolder(), name);
  if (name === 'folder') mkdirSync(client);
  else writeFileSync(client, '');
  const { code, stderr } = await spillwayHere(['conform', client]);
  expect(code).toBe(exitCodes.badInput);
  expect(stderr).toContain(`${name}: expected a file in JavaScript or TypeScript`);
});

test.each([
  ['entries without a name', { verdict: 'safe', text: 'nothing' }],
  ['entries without a verdict', { name: 'leaks', text: 'nothing' }],
])('conform --baseline refuses %s', async (_, fact) => {
  const folder = testFolder();
  const [client, baseline] = [join(folder, 'client.ts'), join(folder, 'facts.json')];
  writeFileSync(client, '');
  writeFileSync(baseline, JSON.stringify({ facts: [fact] }));
  const { code, stderr } = await spillwayHere(['conform', client, '--baseline', baseline]);
  expect(code).toBe(exitCodes.badInput);
  expect(stderr).toContain('facts.json: expected the facts of a client');
});
