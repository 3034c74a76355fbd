import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { startChild } from '#lab/testbed/process/launch.ts';
import { testFolder } from '#test/support/folder.ts';
import { until } from '#test/support/until.ts';

/** A process that runs `script`, which says "ready" when it is. */
async function start(script: string, clock?: VirtualClock) {
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const logFile = join(testFolder(), 'it.log');
  const ready = (line: string) => (line === 'ready' ? {} : undefined);
  const command = { name: 'it', file: process.execPath, args: ['-e', script], logFile, ready };
  return { logFile, child: await startChild(command, guard, clock) };
}

const stays = "console.log('ready'); setInterval(() => {}, 1000);";

/** Returns the number of descriptors that this process has for a file. */
const openings = (file: string) =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false; // the one that the listing itself needed
    }
  }).length;

test('Child.stop lets a process end in its own way', async () => {
  const { child } = await start(`process.on('SIGTERM', () => process.exit(7)); ${stays}`);
  await child.stop();
  expect(await child.ended).toMatchObject({ code: 7, signal: null });
});

test('Child.stop kills a process that does not end, but not before its patience is over', async () => {
  const clock = new VirtualClock();
  const { child } = await start(`process.on('SIGTERM', () => console.log('no')); ${stays}`, clock);
  const stopping = child.stop();
  await clock.advance(9_999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(clock.pending).toBe(0);
  await stopping;
  expect(await child.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('Child.stop resolves for a process that has ended, and leaves no timer', async () => {
  const clock = new VirtualClock();
  const { child } = await start("console.log('ready')", clock);
  await child.ended;
  await child.stop();
  expect(clock.pending).toBe(0);
});

test('a child’s log has its last words and is closed when it has ended', async () => {
  const { child, logFile } = await start(
    `process.on('SIGTERM', () => { process.stderr.write('bye'); process.exit(); }); ${stays}`,
  );
  await until(() => openings(logFile) === 1);
  child.kill('SIGTERM');
  await child.ended;
  expect(readFileSync(logFile, 'utf8')).toBe('ready\nbye\n');
  expect(openings(logFile)).toBe(0);
});
