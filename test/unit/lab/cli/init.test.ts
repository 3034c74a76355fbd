import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { initCommand } from '#lab/cli/init.ts';
import { leastMsOfRound } from '#lab/experiment/measures.ts';
import { readExperiment, warningsOf } from '#lab/experiment/read.ts';
import { testFolder } from '#test/support/folder.ts';
import { runHere } from '#test/support/run-here.ts';

const root = process.cwd();
let folder: string;
let file: string;
beforeEach(() => {
  folder = testFolder();
  file = join(folder, 'mine.yaml');
});

const init = (name: string) => runHere(() => initCommand(name, folder));

test.each(['mine', 'mine.yaml'])(
  'init %s writes a valid experiment and prints the next commands',
  async (name) => {
    const { code, stdout } = await init(name);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^Wrote \S+mine\.yaml: .*\n {2}\S+spillway validate \S+mine\.yaml\n {2}\S+spillway simulate \S+mine\.yaml\n {2}\S+spillway run --slow-motion auto \S+mine\.yaml\n$/,
    );
    const read = readExperiment(file);
    const { variants, faults, hypothesis } = read.experiment;
    expect([Object.keys(variants), faults.length, hypothesis.length]).toEqual([['retries', 'budget'], 1, 3]);
    expect(warningsOf(read)).toEqual([]);
    expect(leastMsOfRound(read.experiment)).toBeLessThan(10_000);
  },
);

test('init names the schema from the current folder, for editors', async () => {
  await init('mine');
  const [, schema] = /\$schema=(.*)\n/.exec(readFileSync(file, 'utf8'))!;
  expect(resolve(folder, schema!)).toBe(join(root, 'experiments/schema.json'));
});

test('init never replaces a file', async () => {
  writeFileSync(file, 'my work');
  expect(await init('mine')).toMatchObject({
    code: 104,
    stderr: `${file} exists already, and init replaces no file: give another name\n`,
  });
  expect(readFileSync(file, 'utf8')).toBe('my work');
});

test.each(['Mine', '1', 'a b', 'sub/mine', '../mine', '.yaml', 'x'.repeat(41)])(
  'init refuses the name %s',
  async (name) => {
    const { code, stderr } = await init(name);
    expect([code, stderr]).toEqual([
      104,
      expect.stringMatching(/^cannot create .*: expected a name of at most 40/),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  },
);

test("the tutorial shows what init writes, without its comments' lines", () => {
  const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '' && !/^ *#/.test(line));
  const tutorial = readFileSync(join(root, 'docs/tutorial.md'), 'utf8');
  const [, shown = ''] = /^```yaml\n(.*?)^```/ms.exec(tutorial)!;
  const written = readFileSync(join(root, 'lab/cli/template.yaml'), 'utf8');
  expect(lines(shown)).toEqual(lines(written));
});
