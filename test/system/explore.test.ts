import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { SweepResult } from '#lab/result/sweep.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';

withMarker();

/** Writes an experiment whose dependency serves 100 requests a second. Returns the file. */
function writeQueue(forMs = 1000): string {
  const file = join(marker, 'queue.yaml');
  writeFileSync(
    file,
    `title: Queue
seed: 5
deadlineMs: 500
load: [{ arrivals: { kind: poisson, ratePerSecond: 50, forMs: ${forMs} } }] # half of what it can do
downstream: { model: { kind: fixed, latencyMs: 10 } }
variants:
  calls: { path: rpc, policies: [{ bulkhead: { concurrency: 1, queue: 5 } }] }
hypothesis: [goodput(calls) > 0.9]
`,
  );
  return file;
}

const foldersIn = (out: string, kind: string) => {
  const parent = join(out, 'queue', kind);
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
};

const sweepIn = (folder: string) =>
  parser(SweepResult)(JSON.parse(readFileSync(join(folder, 'sweep.json'), 'utf8')));

test('sweep writes a table, a page and a result of its schema, and leaves no process and no other file', async () => {
  const file = writeQueue();
  const run = spillway(['sweep', file, '--vary', 'load.arrivals.ratePerSecond=50..250/100', '--seeds', '3']);
  const { code, stdout, stderr } = await run.ended();
  expect(stderr).toContain('100 %: 9 of 9 simulations of 3 points');
  expect(code).toBe(0);
  expect(stdout).toContain('3 points over load.arrivals.ratePerSecond, 3 seeds each.');
  const [folder = ''] = foldersIn(run.out, 'sweep');
  expect(readdirSync(folder).sort()).toEqual(['sweep.csv', 'sweep.html', 'sweep.json']);
  const { points, paths } = sweepIn(folder);
  expect(paths[0]).toMatchObject({ original: 50, values: [50, 150, 250] });
  const goodput = points.map(({ variants }) => variants[0]!.metrics.goodput!.value);
  expect(goodput[0]).toBeGreaterThan(0.9);
  expect(goodput[2]).toBeLessThan(0.6);
  expect(points.map(({ holds }) => holds!.count)).toEqual([3, 0, 0]);
  expect(survivors()).toEqual([]);
  expect(readdirSync(marker).sort()).toEqual(['queue.yaml', 'runs']);
});

test('sweep --verify runs the point nearest the boundary on sockets, and compares it with its simulations', async () => {
  const file = writeQueue();
  // Far from the limit of 100 requests a second on both sides, so that a slow machine has the same outcomes.
  const path = 'load.arrivals.ratePerSecond';
  const lenient = { lagP99Ms: 500, stallMs: 500, sleepExcessP99Ms: 500, faultDelayMs: 500 };
  const limits = JSON.stringify({ ...lenient, reason: 'the command is tested and not the machine' });
  writeFileSync(file, `${readFileSync(file, 'utf8')}validity: ${limits}\n`);
  const run = spillway(['sweep', file, '--vary', `${path}=20,30,600`, '--seeds', '2', '--verify', '1']);
  const { code, stdout, stderr } = await run.ended();
  expect(code, stderr).toBe(0);
  // Nothing runs on sockets before all points are simulated.
  expect(stderr).toMatch(/100 %: 6 of 6 simulations of 3 points\nOn sockets, 1 of 1: \S+=30\n/);
  expect(stdout).toContain(`On sockets:\n  ${path}=30: agrees\n`);
  const [folder = ''] = foldersIn(run.out, 'sweep');
  const own = join(folder, 'verified', '1');
  const { status, verified } = sweepIn(folder);
  const judged = { what: 'goodput(calls) > 0.9', measured: true, probability: 1, agrees: true };
  const unknown = { what: 'metastable(calls)', measured: null, probability: null, agrees: null };
  expect({ status, verified }).toEqual({
    status: 'complete',
    verified: [
      {
        values: [30],
        folder: relative(marker, own),
        status: 'held',
        checks: [unknown, judged],
        agrees: true,
      },
    ],
  });
  const { load } = readExperiment(join(own, 'queue.yaml')).experiment;
  expect(load[0]!.arrivals).toMatchObject({ ratePerSecond: 30 });
  const { variants, rounds } = JSON.parse(readFileSync(join(own, 'result.json'), 'utf8'));
  expect(variants.map(({ name, offered }: { name: string; offered: number }) => [name, offered > 0])).toEqual(
    [['calls', true]],
  );
  expect(rounds ?? []).toHaveLength(0);
  expect(existsSync(join(own, 'report.html'))).toBe(true);
  expect(survivors()).toEqual([]);
});

test('sweep writes what it simulated before an interrupt', async () => {
  const run = spillway(['sweep', writeQueue(2000), '--vary', 'load*=0.5..1/0.5', '--seeds', '1000', '--yes']);
  await run.said(/^10 %: /m);
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended();
  expect(code).toBe(105);
  expect(stdout).toMatch(/^Interrupted: 2 of 2 points have \d+( to \d+)? of 1,000 seeds \(marked \*\)\./m);
  const [folder = ''] = foldersIn(run.out, 'sweep');
  expect(readdirSync(folder).sort()).toEqual(['sweep.csv', 'sweep.html', 'sweep.json']);
  expect(sweepIn(folder).status).toBe('interrupted');
});

test('tune writes the file with the largest value that holds, and keeps its comments', async () => {
  const file = writeQueue();
  const [path, hypothesis] = ['load.arrivals.ratePerSecond', 'goodput(calls) > 0.9'];
  const run = spillway([
    'tune',
    file,
    '--vary',
    `${path}=20..300/10`,
    '--require',
    hypothesis,
    '--seeds',
    '5',
  ]);
  const { code, stdout } = await run.ended();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /Found load\.arrivals\.ratePerSecond=\d+: held for 5 of 5 seeds\. All tried values from 20 to /,
  );
  const tuned = join(marker, 'queue-tuned.yaml');
  const { load } = readExperiment(tuned).experiment;
  const { ratePerSecond } = load[0]!.arrivals as { ratePerSecond: number };
  expect(ratePerSecond).toBeGreaterThan(50);
  expect(ratePerSecond).toBeLessThan(110);
  const comment = `# Changed by \`spillway tune\`, from queue.yaml:\n#   ${path} is ${ratePerSecond}, and was 50\n`;
  expect(readFileSync(tuned, 'utf8')).toBe(
    comment + readFileSync(file, 'utf8').replace('ratePerSecond: 50', `ratePerSecond: ${ratePerSecond}`),
  );
  const [folder = ''] = foldersIn(run.out, 'tune');
  expect(readdirSync(folder).sort()).toEqual(['tune.json']);
});

test('tune warns of other hypotheses of the file that fail with the found value', async () => {
  const run = spillway([
    ...['tune', writeQueue(), '--vary', 'load.arrivals.ratePerSecond=20..300/40'],
    ...['--require', 'goodput(calls) > 0.5', '--seeds', '2', '--maximize', 'p99(calls)'],
  ]);
  const { code, stdout } = await run.ended();
  expect(code).toBe(0);
  expect(stdout).toMatch(/: held for 2 of 2 seeds, with p99\(calls\) = [\d.]+ ms\. /);
  expect(stdout).toMatch(
    /^⚠ 1 other hypothesis of the file fails here:\n {2}goodput\(calls\) > 0\.9: held for 0 of 2 seeds\nFile: /m,
  );
  const [folder = ''] = foldersIn(run.out, 'tune');
  const { failing } = JSON.parse(readFileSync(join(folder, 'tune.json'), 'utf8'));
  expect(failing).toEqual([{ text: 'goodput(calls) > 0.9', held: 0, of: 2 }]);
});

test('tune says the best value so far after an interrupt, and writes no file', async () => {
  const run = spillway([
    ...['tune', writeQueue(), '--vary', 'load.arrivals.ratePerSecond=20..60/1'],
    ...['--require', 'goodput(calls) > 0.01', '--seeds', '500'],
  ]);
  await run.said(/^✓ .*=20: held for 500 of 500 seeds, about /m);
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended();
  expect(code).toBe(105);
  expect(stdout).toMatch(
    /^Best so far: load\.arrivals\.ratePerSecond=\d+: held for 500 of 500 seeds\. No file was/,
  );
  expect(readdirSync(marker).sort()).toEqual(['queue.yaml', 'runs']);
});

test('tune ends with 104 if nothing holds, names the nearest value, and writes no file', async () => {
  const file = writeQueue();
  const run = spillway([
    ...['tune', file, '--vary', 'load.arrivals.ratePerSecond=200..300/50'],
    ...['--require', 'goodput(calls) > 0.9', '--seeds', '3'],
  ]);
  const { code, stderr } = await run.ended();
  expect(code).toBe(104);
  expect(stderr).toMatch(
    /^--require: no tried value holds for 95 % of the seeds; the nearest is load\.arrivals\.ratePerSecond=200, which held for 0 of \d seeds$/m,
  );
  expect(existsSync(join(marker, 'queue-tuned.yaml'))).toBe(false);
});

test('search writes a file with the smallest change that fails, which simulate confirms', async () => {
  const file = writeQueue();
  const run = spillway([
    ...['search', file, '--within', 'load.arrivals.ratePerSecond=20..300/10'],
    ...['--within', 'variants.calls.policies.bulkhead.queue=2..20', '--points', '20'],
  ]);
  const { code, stdout } = await run.ended();
  expect(code).toBe(99);
  expect(stdout).toMatch(/a hypothesis fails: goodput\(calls\) > 0\.9/);
  const failing = join(marker, 'queue-failing.yaml');
  expect(readFileSync(failing, 'utf8')).toContain('# half of what it can do');
  const [folder = ''] = foldersIn(run.out, 'search');
  expect(readdirSync(folder).sort()).toEqual(['search.json']);
  expect((await spillway(['simulate', failing]).ended()).code).toBe(99);
});

test('search ends with 0 if no hypothesis fails', async () => {
  const run = spillway([
    'search',
    writeQueue(),
    '--within',
    'load.arrivals.ratePerSecond=10..50',
    '--points',
    '4',
  ]);
  const { code, stdout } = await run.ended();
  expect(code).toBe(0);
  expect(stdout).toContain('No hypothesis fails at 4 random points.');
  expect(existsSync(join(marker, 'queue-failing.yaml'))).toBe(false);
});

test.each<[string, string[], RegExp]>([
  [
    'overlapping paths',
    ['search', '--within', 'load*=1..2', '--within', 'load.arrivals.ratePerSecond=1..2'],
    /^--within: expected paths to different numbers, got load\* and load\.arrivals\.ratePerSecond$/m,
  ],
  [
    'a range outside the schema',
    ['sweep', '--vary', 'deadlineMs=0..2'],
    /queue\.yaml:3:13: deadlineMs: expected a number > 0, got 0 \(with deadlineMs=0\)/,
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
    'several paths without an aim',
    ['tune', '--vary', 'deadlineMs=100..200/50', '--vary', 'drainMs=1..9', '--require', 'goodput(calls) > 0'],
    /expected --minimize or --maximize beside several --vary/,
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
  const run = spillway([command, file, ...args]);
  const { code, stderr } = await run.ended();
  expect(stderr).toMatch(problem);
  expect(code).toBe(104);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(foldersIn(run.out, command)).toEqual([]);
  expect(readFileSync(file, 'utf8')).toBe(before);
});
