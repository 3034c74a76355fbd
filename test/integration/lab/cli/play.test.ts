import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { experimentText } from '#test/fixtures/experiment.ts';
import { inFolder, spillwayHere as spillway } from '#test/support/spillway-here.ts';

const folder = inFolder();
vi.setConfig({ testTimeout: 60_000 }); // it builds the page

test('play writes a page of at most 1 MB with an own experiment and those of the course, and prints its link', async () => {
  writeFileSync('mine.yaml', experimentText());
  const { code, stdout, stderr } = await spillway([
    'play',
    'mine.yaml',
    '--out',
    'a/page.html',
    '--at',
    '1.5',
  ]);
  const file = join(folder(), 'a/page.html');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`  ${pathToFileURL(file).href}#mine&t=1.5\n`);
  expect(statSync(file).size).toBeLessThan(1_000_000);
  const [, json] = /<script type="application\/json" id="playables">(.*?)<\/script>/.exec(
    readFileSync(file, 'utf8'),
  )!;
  expect(JSON.parse(json!).map(({ id }: { id: string }) => id)).toEqual([
    ...['mine', '05', '00', '03', '04', '06', '08', '11', 'tide'],
  ]);
});

test.each([
  [
    'faults: [{ name: x, atMs: 0, forMs: 9, target: load->gateway, fault: { kind: bandwidth, kilobytesPerSecond: 1 } }]',
    '9:70: faults[0].fault: not simulated: bandwidth, since messages have no bytes',
  ],
  ['repeats: 3', '9:1: repeats: unknown field'],
])('play refuses a file with %s, with the position', async (line, problem) => {
  writeFileSync('mine.yaml', experimentText({}, line));
  const { code, stderr } = await spillway(['play', 'mine.yaml']);
  expect(code).toBe(104);
  expect(stderr).toContain(`mine.yaml:${problem}`);
  expect(existsSync('runs')).toBe(false);
});

test('play says why it can’t write the page', async () => {
  writeFileSync('file', '');
  const { code, stderr } = await spillway(['play', '--out', 'file/page.html']);
  expect(code).toBe(104);
  expect(stderr).toMatch(/^cannot write file\/page\.html: /);
});
