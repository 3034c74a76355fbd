import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { type Child, startChild } from '#lab/world/process/launch.ts';
import { isStopped, signalled, startOf } from '#lab/world/process/proc.ts';
import { testFolder } from '#test/support/folder.ts';
import { until } from '#test/support/until.ts';

/** Starts a process that runs `script` and prints "ready". */
async function start(script: string, clock?: VirtualClock) {
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const logFile = join(testFolder(), 'it.log');
  const ready = (line: string) => (line === 'ready' ? {} : undefined);
  const command = { name: 'it', file: process.execPath, args: ['-e', script], logFile, ready };
  return { logFile, child: await startChild(command, guard, clock) };
}

const stays = "console.log('ready'); setInterval(() => {}, 1000);";

/** Returns the number of open descriptors that this process has for a file. */
const openings = (file: string) =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false; // the descriptor with which `readdirSync` read the folder
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

test('startOf a process that has ended is undefined, also while its parent has not asked how', async () => {
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [pid] = await once(parent.stdout, 'data').then(([text]) => [Number(text)]);
  // The shell becomes `sleep` by exec. A shell would reap its dead child, but `sleep` leaves it a zombie.
  await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
  process.kill(pid!, 'SIGKILL');
  await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '));
  expect(startOf(pid!)).toBeUndefined();
  expect(startOf(parent.pid!)).toMatch(/^\d+$/);
});

/** Starts a process that runs until it is killed, or until this process ends. */
function sleeping(): ChildProcess & { readonly pid: number } {
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child as ChildProcess & { pid: number };
}

const childOf = (pid: number, kill: (signal: NodeJS.Signals) => void) =>
  ({ name: 'downstream', pid, kill }) as unknown as Child;

test('signalled resolves once the process stands still, and once it goes on', async () => {
  const process = sleeping();
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
  const process = sleeping();
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

const guardian = fileURLToPath(new URL('../../lab/world/process/guardian.ts', import.meta.url));

test('Guard.release kills what it guards and removes its folder', async () => {
  const folder = join(testFolder(), 'a folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), '');
  const guard = new Guard();
  const child = sleeping();
  guard.process(child);
  guard.folder(folder);
  const exit = once(child, 'exit');
  await guard.release();
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(existsSync(folder)).toBe(false);
});

test('Guard.release runs the commands that are still needed', async () => {
  const folder = testFolder();
  const [needed, needless] = [join(folder, 'it is', 'needed'), join(folder, 'needless')];
  const guard = new Guard();
  guard.command(['mkdir', '-p', needed]);
  const withdraw = guard.command(['mkdir', '-p', needless]);
  withdraw();
  await guard.release();
  expect([existsSync(needed), existsSync(needless)]).toEqual([true, false]);
});

test('guardian spares a process that has already ended, whose pid may have been reused', async () => {
  const child = spawn(process.execPath, [guardian], { stdio: ['pipe', 'ignore', 'inherit'] });
  const bystander = sleeping();
  child.stdin.end(`process ${bystander.pid}\ngone ${bystander.pid}\n`);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  bystander.kill('SIGKILL');
});
