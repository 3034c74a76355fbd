import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Guard } from '#lab/testbed/process/guard.ts';
import { ownChildren } from '#test/support/children.ts';
import { testFolder } from '#test/support/folder.ts';
import { until } from '#test/support/until.ts';

const guardian = fileURLToPath(new URL('../../lab/testbed/process/guardian.ts', import.meta.url));
/** Goes on until it is killed, or we are. */
const sleeper = () => spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });

test('Guard.release kills what it guards and removes its folder', async () => {
  const folder = join(testFolder(), 'a folder');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), '');
  const guard = new Guard();
  const child = sleeper();
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

test('Guard.release gives a command its text', async () => {
  const file = join(testFolder(), 'text');
  const guard = new Guard();
  guard.command(['tee', file], 'on stdin, where no list of processes shows it');
  await guard.release();
  expect(readFileSync(file, 'utf8')).toBe('on stdin, where no list of processes shows it');
});

test('Guard replaces a guardian that is killed by another, which knows everything reported', async () => {
  const [folder, needless] = [join(testFolder(), 'a folder'), join(testFolder(), 'needless')];
  mkdirSync(folder);
  const before = ownChildren();
  const guard = new Guard();
  const [first] = ownChildren().filter((pid) => !before.includes(pid));
  const child = sleeper();
  guard.process(child);
  guard.folder(folder);
  const withdraw = guard.command(['mkdir', needless]);
  withdraw();
  process.kill(first!, 'SIGKILL');
  const exit = once(child, 'exit');
  await guard.release();
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect([existsSync(folder), existsSync(needless)]).toEqual([false, false]);
});

test('Guard gives up where three successors are killed, too, and its release ends', async () => {
  const folder = testFolder();
  const known = ownChildren();
  const guard = new Guard();
  guard.folder(folder);
  for (let killed = 0; killed < 4; killed++) {
    const guardian = await until(() => ownChildren().find((pid) => !known.includes(pid)));
    known.push(guardian);
    process.kill(guardian, 'SIGKILL');
  }
  await guard.release();
  expect(existsSync(folder)).toBe(true);
});

test('guardian spares a process that has already ended, whose pid may have been reused', async () => {
  const child = spawn(process.execPath, [guardian], { stdio: ['pipe', 'ignore', 'inherit'] });
  const bystander = sleeper();
  child.stdin.end(`process ${bystander.pid}\ngone ${bystander.pid}\n`);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  bystander.kill('SIGKILL');
});
