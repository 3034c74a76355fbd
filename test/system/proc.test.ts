import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startOf } from '#lab/testbed/process/proc.ts';
import { until } from '#test/support/until.ts';

test('startOf a process that has ended is undefined, also while its parent has not asked how', async () => {
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = await once(parent.stdout, 'data').then(([text]) => [Number(text)]);
  // A shell would ask how its child has ended; sleep never does.
  await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
  process.kill(pid!, 'SIGKILL');
  await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
  expect(startOf(pid!)).toBeUndefined();
  expect(startOf(parent.pid!)).toMatch(/^\d+$/);
});
