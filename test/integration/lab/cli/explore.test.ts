import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { SweepResult } from '#lab/explore/result.ts';
import { queue } from '#test/fixtures/queue.ts';
import { inFolder, spillwayHere as spillway } from '#test/support/spillway-here.ts';

const folder = inFolder();
vi.setConfig({ testTimeout: 120_000 }); // each starts threads, which takes long on a busy machine

/** Writes the experiment. Returns the file. */
function writeQueue(): string {
  const file = join(folder(), 'queue.yaml');
  writeFileSync(file, queue());
  return file;
}

const foldersIn = (kind: string) => {
  const parent = join('runs', 'queue', kind);
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
};

const sweepIn = (parent: string) =>
  parser(SweepResult)(JSON.parse(readFileSync(join(parent, 'sweep.json'), 'utf8')));

test('sweep writes a table, a page and a result of its schema, and leaves no process and no other file', async () => {
  const file = writeQueue();
  const run = await spillway([
    'sweep',
    file,
    '--vary',
    'load.arrivals.ratePerSecond=50..250/200',
    '--seeds',
    '2',
  ]);
  const { code, stdout, stderr } = run;
  expect(stderr).toContain('100 %: 4 of 4 simulations of 2 points');
  expect(code).toBe(0);
  expect(stdout).toContain('2 points over load.arrivals.ratePerSecond, 2 seeds each.');
  const [out = ''] = foldersIn('sweep');
  expect(readdirSync(out).sort()).toEqual(['sweep.csv', 'sweep.html', 'sweep.json']);
  const { points, paths, figures } = sweepIn(out);
  expect(paths[0]).toMatchObject({ original: 50, values: [50, 250] });
  const goodput = figures.flatMap(({ metric, value }) => (metric === 'goodput' ? value! : []));
  expect(goodput[0]).toBeGreaterThan(0.9);
  expect(goodput[1]).toBeLessThan(0.6);
  expect(points.map(({ holds }) => holds!.value)).toEqual([1, 0]);
  expect(readdirSync(folder()).sort()).toEqual(['queue.yaml', 'runs']);
});

test('tune writes the file with the best value that holds, keeps its comments, and warns of what fails there', async () => {
  const file = writeQueue();
  const path = 'load.arrivals.ratePerSecond';
  const { code, stdout } = await spillway([
    ...['tune', file, '--vary', `${path}=20..300/40`, '--require', 'goodput(calls) > 0.5'],
    ...['--seeds', '2', '--maximize', 'p99(calls)'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /: held for 10 of 10 fresh seeds \(95 % interval: 72 % to 100 %\), p99\(calls\) [\d.]+ ms\. /,
  );
  expect(stdout).toContain('⚠ 1 other hypothesis of the file fails here:');
  const tuned = join(folder(), 'queue-tuned.yaml');
  const { ratePerSecond } = readExperiment(tuned).experiment.load[0]!.arrivals as { ratePerSecond: number };
  expect(ratePerSecond).toBeGreaterThan(50);
  const comment = `#   ${path} is ${ratePerSecond}, and was 50\n`;
  const [head, ...rest] = readFileSync(tuned, 'utf8').split('\n');
  expect(head).toMatch(/^# Changed by `\S+ tune \S*queue\.yaml --seed 5 .*--maximize 'p99\(calls\)'.*`:$/);
  expect(rest.join('\n')).toBe(
    comment + readFileSync(file, 'utf8').replace('ratePerSecond: 50', `ratePerSecond: ${ratePerSecond}`),
  );
  expect(stdout).toContain('goodput(calls) > 0.9: held for 0 of 10 seeds');
  expect(readdirSync(folder()).sort()).toEqual(['queue-tuned.yaml', 'queue.yaml']);
});

test('search writes a file with the smallest change that fails, which simulate confirms', async () => {
  const file = writeQueue();
  const run = await spillway([
    ...['search', file, '--within', 'load.arrivals.ratePerSecond=20..300/10'],
    ...['--within', 'variants.calls.policies.bulkhead.queue=2..20', '--points', '20'],
  ]);
  const { code, stdout } = run;
  expect(code).toBe(99);
  expect(stdout).toMatch(/a hypothesis fails: goodput\(calls\) > 0\.9/);
  const failing = join(folder(), 'queue-failing.yaml');
  expect(readFileSync(failing, 'utf8')).toContain('# half of what it can do');
  expect((await spillway(['simulate', failing])).code).toBe(99);
});

test('search ends with 90 if points were not judged, and counts them apart', async () => {
  const file = writeQueue();
  const steady = `faults: [{ name: slow, target: downstream, atMs: 700, forMs: 100, fault: { kind: latency, added: { kind: fixed, ms: 1 } } }]
steadyState: [goodput > 0.8]
hypothesis: [goodput(calls) > 0]
`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/hypothesis.*\n/, steady));
  const { code, stdout } = await spillway([
    ...['search', file, '--within', 'load.arrivals.ratePerSecond=50..300/250', '--points', '8'],
  ]);
  expect(stdout).toMatch(/^No hypothesis fails .* 1 different point: 1 not judged\.$/m);
  expect(stdout).toMatch(/^Not judged: load\.arrivals\.ratePerSecond=300: calls: steady state missed/m);
  expect(code).toBe(90);
});

test.each<[string, string[], RegExp]>([
  [
    'a range whose only value is that of the file',
    ['search', '--within', 'load.arrivals.ratePerSecond=50..60/20'],
    /^--within load\.arrivals\.ratePerSecond: expected a value other than 50, as in the file$/m,
  ],
  [
    'overlapping paths',
    ['search', '--within', 'load*=1..2', '--within', 'load.arrivals.ratePerSecond=1..2'],
    /^--within: expected paths to different numbers, got load\* and load\.arrivals\.ratePerSecond$/m,
  ],
  [
    'a metric that does not exist',
    [
      ...['tune', '--vary', 'deadlineMs=100..200/50', '--require', 'goodput(calls) > 0.5'],
      '--minimize',
      'p98(calls)',
    ],
    /--minimize 'p98\(calls\)': unknown metric p98, did you mean p90\?/,
  ],
  [
    'two paths to tune',
    ['tune', '--vary', 'deadlineMs=100..200/50', '--vary', 'drainMs=1..9', '--require', 'goodput(calls) > 0'],
    /--vary: expected one path, got 2/,
  ],
  [
    'an existing file',
    ['search', '--within', 'deadlineMs=1..2', '--write', 'queue.yaml'],
    /queue\.yaml exists already, and no file is replaced/,
  ],
  [
    'a hypothesis that fails already',
    ['search', '--within', 'drainMs=1000..2000', '--seed', '5', '--within', 'deadlineMs=1..2'],
    /fails already/,
  ],
])('explorations end with 104 on %s, and write nothing', async (name, [command = '', ...args], problem) => {
  const file = writeQueue();
  if (name.endsWith('already'))
    writeFileSync(file, readFileSync(file, 'utf8').replace('goodput(calls) > 0.9', 'goodput(calls) < 0.1'));
  const before = readFileSync(file, 'utf8');
  const run = await spillway([command, file, ...args]);
  const { code, stderr } = run;
  expect(stderr).toMatch(problem);
  expect(code).toBe(104);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(readdirSync(folder())).toEqual(['queue.yaml']);
  expect(readFileSync(file, 'utf8')).toBe(before);
});
