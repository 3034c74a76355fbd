import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { marker, spillway, withMarker } from '#test/support/marked.ts';
import { spillwayHere } from '#test/support/spillway-here.ts';

withMarker();

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));
const baseline = fileURLToPath(new URL('../../experiments/02-baseline.yaml', import.meta.url));

test.each([
  [['run', 'x.yaml', '--\u001b[31m'], /^error: unknown option '--\\u001b\[31m'\n/],
  [
    [
      ...['run', 'x.yaml', '--seed', 'seven', '--repeat', '0', '--engine', 'fast', '--out', ''],
      ...['gateway=http://h:1/api', 'nats=nats://u:p@h:1'].flatMap((url) => ['--url', url]),
    ],
    new RegExp(
      [
        "--seed.*: expected a whole number.*, got 'seven'",
        ".*--repeat.*: expected a whole number from 1 to 100, got '0'",
        ".*--engine.*: expected one of local, compose, attach, got 'fast'",
        '.*--out.*: expected a name, got an empty text',
        ".*--url.*: expected http://host:port or https://host:port without a path.*, got 'gateway=\\S+'",
        ".*--url.*: expected nats://host:port without .* credentials, got 'nats=nats://…@h:1'",
        'x\\.yaml: no such file.*',
        '\\(see',
      ].join('\n'),
    ),
  ],
  [
    ['run', baseline, '--without-faults'],
    /^\S*02-baseline\.yaml:\d+:1: expected faults beside --without-faults\n$/,
  ],
])('%j ends with 104 and says what is wrong', async (args, message) => {
  const { code, stderr } = await spillway(args).ended();
  expect(stderr).toMatch(message);
  expect(code).toBe(104);
});

test('run warns of redeliveries that slow motion does not slow, and starts nothing if a later file can have no folder', async () => {
  const queued = { path: 'event', consumer: { redelivery: { by: 'server' } } };
  const text = countedExperiment({ load: constant(50, 200), variants: { queued }, slowMotion: 2 });
  for (const name of ['a.yaml', 'b.yaml']) writeFileSync(join(marker, name), text);
  mkdirSync(join(marker, 'out'));
  writeFileSync(join(marker, 'out', 'b'), 'no folder');
  const place = `a.yaml:1:${text.indexOf('"by"') + 1}`;
  const warning = `${place}: warning: variants.queued.consumer.redelivery.by: slow motion does not slow`;
  const validated = await spillwayHere(['validate', join(marker, 'a.yaml')]);
  expect(validated.stderr).toContain(warning);
  expect([validated.code, validated.stdout]).toEqual([0, expect.stringMatching(/a\.yaml: ok, 1 variant, /)]);
  const { code, stderr } = await spillway(['run', 'a.yaml', 'b.yaml', '--out', 'out']).ended();
  expect(stderr.startsWith(warning)).toBe(true);
  expect(stderr).toMatch(/\ncannot create out\/b\/\S+: it is a file, or below one; name a folder/);
  expect([code, readdirSync(join(marker, 'out', 'a'))]).toEqual([104, []]);
});

test('validate finds an experiment of the course by its name from any folder', async () => {
  const ended = await spillway(['validate', '02', '01-brust']).ended();
  expect(ended).toMatchObject({
    code: 104,
    stdout: expect.stringMatching(/experiments\/02-baseline\.yaml: ok, /),
    stderr: 'no experiment 01-brust, did you mean 01-burst?\n',
  });
});

/** Runs `spillway validate`. Resolves with its exit code and stderr. */
async function validate(stdout: 'pipe' | number): Promise<{ code: number; stderr: string }> {
  const child = spawn(launcher, ['validate', baseline], { stdio: ['ignore', stdout, 'pipe'] });
  child.stdout?.destroy(); // closes the pipe before the command writes to it
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

test('a command ends quietly when its output is closed', async () => {
  expect(await validate('pipe')).toEqual({ code: 0, stderr: '' });
});

test('a command says in one line that its output can not be written', async () => {
  const stderr = 'cannot write the output: no space left on the disk\n';
  expect(await validate(openSync('/dev/full', 'w'))).toEqual({ code: 1, stderr });
});

test('run ends with the reason where no temporary folder can be made', async () => {
  const run = spillway(['run', '--no-predict', baseline], { TMPDIR: '/nowhere' });
  const { code, stdout, stderr } = await run.ended();
  expect(code).toBe(exitCodes.internal);
  expect(stdout + stderr).toMatch(/a folder in \/nowhere can't be made: .*\. Set TMPDIR/);
  expect(stdout + stderr).not.toMatch(/^ +at /m);
});
