import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOf } from '#lab/conduct/run-folder.ts';
import { runsIn } from '#lab/conduct/runs.ts';
import { testFolder } from '#test/support/folder.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';

/** Creates a folder with these files, by the name of a run. */
function stored(files: Readonly<Record<string, readonly [file: string, text: string]>>): string {
  const folder = testFolder();
  for (const [name, [file, text]] of Object.entries(files)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, file), text);
  }
  return folder;
}

const result = (more: object = {}) => ['result.json', JSON.stringify({ status: 'held', ...more })] as const;

const kinds = {
  'mine/A': result(),
  'mine/A/judged/1': result({ status: 'failed' }),
  'mine/B': result({ status: 'interrupted' }),
  'mine/C': result({ status: 'failed', withoutFaults: true }),
  'mine/D': result({ simulated: true, rounds: [{}, {}], label: 'new pool' }),
  'mine/E': result({ simulated: true, withoutFaults: true }),
  'mine/F': ['evidence.ndjson', ''],
  'mine/G': ['result.json', '{'],
  'mine/sweep': ['sweep.json', ''],
} as const;

test('runsIn tells runs from control runs, simulations, results of judge and runs without a result', () => {
  const folder = stored(kinds);
  const runs = [
    ['A', 'run', 'held'],
    ['A/judged/1', 'run, judged again', 'failed'],
    ['B', 'run', 'interrupted'],
    ['C', 'control run', 'failed'],
    ['D', 'simulation, 2\u00a0rounds', 'held', 'new pool'],
    ['E', 'control simulation', 'held'],
    ['F', 'run', 'no result'],
    ['G', 'run', 'unreadable result'],
  ].map(([name = '', kind, status, label]) => ({
    ...{ folder: join(folder, 'mine', name), kind, status },
    ...(label && { label }),
  }));
  expect(runsIn(folder)).toEqual(runs);
  expect(runsIn(join(folder, 'mine'))).toEqual(runs);
  expect(runsIn(join(folder, 'mine/A'))).toEqual(runs.slice(0, 2));
  expect(runsIn(join(folder, 'nowhere'))).toEqual([]);
});

test('list shows the runs in a folder without experiments, in aligned lines', async () => {
  const folder = join(stored(kinds), 'mine');
  const { stdout } = await spillwayHere(['list', folder]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(9);
  expect(lines[0]).toMatch(/^run +label +kind +status$/);
  expect(lines[5]).toMatch(/mine\/D +new pool {2}simulation, 2 rounds {2}held$/);
  expect(new Set(lines.map((line) => line.lastIndexOf('  '))).size).toBe(1);
});

test('folderOf refuses a folder of several runs, and say how to list them', () => {
  const folder = join(stored(kinds), 'mine');
  expect(() => folderOf(folder)).toThrow(/mine is not the folder of a run; `\S*spillway list \S*mine` shows/);
  for (const name of ['A', 'F']) expect(folderOf(join(folder, name))).toBe(join(folder, name));
});
