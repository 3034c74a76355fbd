import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { Child } from '#lab/testbed/process/launch.ts';
import { isStopped, signalled } from '#lab/testbed/process/proc.ts';

async function sleeper(): Promise<ChildProcess & { pid: number }> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

const childOf = (pid: number, kill: (signal: NodeJS.Signals) => void) =>
  ({ name: 'downstream', pid, kill }) as unknown as Child;

test('signalled resolves once the process stands still, and once it goes on', async () => {
  const process = await sleeper();
  const child = childOf(process.pid, (signal) => process.kill(signal));
  await signalled(child, 'SIGSTOP', systemClock);
  expect(isStopped(process.pid)).toBe(true);
  await signalled(child, 'SIGCONT', systemClock);
  expect(isStopped(process.pid)).toBe(false);
});

test.each([
  ['is paused and goes on', 'SIGSTOP', 'downstream goes on 5 s after SIGSTOP'],
  ['is resumed and stands still', 'SIGCONT', 'downstream stands still 5 s after SIGCONT'],
] as const)('signalled rejects for a process that %s', async (_what, signal, message) => {
  const process = await sleeper();
  const clock = new VirtualClock();
  if (signal === 'SIGCONT')
    await signalled(
      childOf(process.pid, () => process.kill('SIGSTOP')),
      'SIGSTOP',
      systemClock,
    );
  const deaf = childOf(process.pid, () => undefined);
  let isOver = false;
  const taken = signalled(deaf, signal, clock).finally(() => {
    isOver = true;
  });
  const rejected = expect(taken).rejects.toMatchObject({ name: 'fault-failed', message });
  await clock.advance(5000);
  expect(isOver).toBe(false);
  await clock.advance(1);
  await rejected;
});
