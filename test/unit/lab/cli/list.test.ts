import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { experimentText } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';

const list = (folder?: string) => spillwayHere(['list', ...(folder === undefined ? [] : [folder])]);
const listed = async (folder?: string) => (await list(folder)).stdout;

/** Creates a folder with an experiment that has two variants, a load of 30 s and a deadline of 1 s. */
function folderOf(title: string, more = ''): string {
  const folder = testFolder();
  const load = '  - arrivals: { kind: constant, ratePerSecond: 1, forMs: 30000 }';
  writeFileSync(join(folder, 'mine.yaml'), experimentText({ 1: `title: ${title}`, 4: load }, more));
  return folder;
}

const inWords = {
  '0.5': 'half a minute',
  1: 'a minute',
  1.5: 'a minute and a half',
  2: 'two minutes',
  2.5: 'two minutes and a half',
};

test('list shows names that run takes, minutes, levels and questions of the course, in aligned lines', async () => {
  const lines = (await listed()).trimEnd().split('\n');
  expect(lines.shift()).toMatch(/^experiment +minutes {2}level {3}question$/);
  expect(lines[0]).toMatch(/^00-demo +[\d.]+ +begin {3}Does a burst need a limit or a queue\?$/);
  expect(lines.at(-1)).toMatch(
    /^19-majority-lost +[\d.]+ +subtle {2}What is left when two of three brokers die\?$/,
  );
  expect(lines).toHaveLength(20);
  for (const line of lines) expect(line).toMatch(/ {2}[A-Z].{9,58}\?$/);
  const page = readFileSync(new URL('../../../../docs/course/README.md', import.meta.url), 'utf8');
  const inCourse = Array.from(page.matchAll(/^\| \[(\d\d-[\w-]+)\]/gm), ([, name]) => name);
  expect(lines.map((line) => line.split(' ')[0])).toEqual(inCourse);
  expect(new Set(lines.map((line) => line.search(/begin|simple|subtle/))).size).toBe(1);
  const said = lines.map((line) => {
    const [name = '', minutes = ''] = line.split(/ +/);
    const page = readFileSync(new URL(`../../../../docs/course/${name}.md`, import.meta.url), 'utf8');
    return [name, minutes, page.match(/^bin\/spillway run .* {4}# (.*)$/m)?.[1]];
  });
  const expected = said.map(([name, minutes]) => [name, minutes, inWords[minutes as keyof typeof inWords]]);
  expect(said).toEqual(expected);
});

test('list shows the valid experiments beside the problems of the others', async () => {
  const folder = folderOf('Does it?');
  writeFileSync(join(folder, 'a.yaml'), 'titel: half of it');
  const { code, stdout, stderr } = await list(folder);
  expect(stdout).toMatch(/mine\.yaml +1\.5 +Does it\?\n$/);
  expect(stderr).toMatch(/a\.yaml:1:1: titel: .* title\?\n$/);
  expect(code).toBe(104);
});

test.each([
  ['variants, load and deadline', '', '1.5'],
  ['rounds', 'repeat: 3', '3.5'],
  ['slow motion', 'slowMotion: 4', '4.5'],
])('list rounds the minutes up to a half, and counts %s', async (_what, more, minutes) => {
  const folder = folderOf('Does it?', more);
  const [, mine] = (await listed(folder)).split('\n');
  expect(mine?.split(/ {2,}/)).toEqual([join(folder, 'mine.yaml'), minutes, 'Does it?']);
});

describe('on a terminal', () => {
  const { isTTY, columns } = process.stdout;
  beforeEach(() => Object.assign(process.stdout, { isTTY: true }));
  afterEach(() => Object.assign(process.stdout, { isTTY, columns }));

  test('list keeps within 44 columns', async () => {
    Object.assign(process.stdout, { columns: 44 });
    process.env.NO_COLOR = '1';
    const lines = (await listed()).split('\n');
    delete process.env.NO_COLOR;
    expect(lines[0]).toMatch(/^experiment +minutes {2}level/);
    const table = lines.slice(0, lines.indexOf(''));
    expect(Math.max(...table.map(({ length }) => length))).toBeLessThanOrEqual(44);
    expect(lines.at(-2)).toMatch(/^Run one: \S+spillway run 00-demo$/);
  });

  test('list wraps a long question below its beginning', async () => {
    Object.assign(process.stdout, { columns: 120 });
    const folder = folderOf('a question '.repeat(15).trim());
    const [, first = '', second = ''] = (await listed(folder)).split('\n');
    expect(second.search(/\S/)).toBe(first.indexOf('a question'));
  });
});
