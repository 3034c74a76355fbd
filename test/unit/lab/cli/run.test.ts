import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { expect, test } from 'vitest';
import { outputIn } from '#lab/cli/conducting.ts';
import { repeater } from '#lab/cli/options.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { testFolder } from '#test/support/folder.ts';
import { runHere } from '#test/support/run-here.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';

const http = 'gateway=http://127.0.0.1:9';
const urls = [
  ...[
    http,
    'publisher=http://127.0.0.1:9',
    'downstream-control=http://127.0.0.1:9',
    'nats=nats://127.0.0.1:9',
  ],
].flatMap((url) => ['--url', url]);

test.each([
  [['--own-consumer'], /^expected --engine attach /],
  [['--url', http], /^expected --engine attach /],
  [['--engine', 'attach', '--slow-motion', '2', ...urls], /^--slow-motion 2: expected 1, since gateway/],
])('run refuses %j', async (options, message) => {
  const refused = await spillwayHere(['run', 'x.yaml', ...options]);
  expect(refused).toMatchObject({ code: 104, stderr: expect.stringMatching(message) });
});

test('repeater returns the options as given, numbers by default, and what is changed', async () => {
  const command = new Command('run')
    .argument('<file>')
    .option('-o, --out <folder>')
    .option('--seed <number>')
    .option('--points <number>', '', Number, 500)
    .option('--only <names>')
    .option('--url <url>', '', (text, before: string[] = []) => [...before, text])
    .option('--own')
    .option('--no-predict');
  const lineOf = repeater(command);
  const args = ['x.yaml', '--own', '-o', 'y', '--url', 'a b', '--only', 'c,d', '--url', 'e', '--no-predict'];
  await command.parseAsync(args, { from: 'user' });
  expect(lineOf('x.yaml', { seed: 3, own: undefined })).toMatch(
    / run x\.yaml --seed 3 --points 500 --url 'a b' --url e --only c,d$/,
  );
});

test.each([
  ['normal', /^\n.*\n✓ Held: .*\n\nReport: \S+report\.html\n$/s],
  ['quiet', /^✓ Held: .*\nReport: \S+report\.html\n$/],
  ['json', /^\{"folder":.*\}\n$/],
] as const)('outputIn prints and writes a result: %s', async (form, expected) => {
  const folder = testFolder();
  const { stdout } = await runHere(async () => {
    await outputIn(form)(folder, makeResult({ variants: 1 }), false);
    return 0;
  });
  expect(stdout).toMatch(expected);
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
});
