import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Clock, deadline, systemClock } from '#kit/clock.ts';
import { refusalOf } from '#kit/process/fs-errors.ts';

/**
 * Commands that open a file, by platform. `start` is a command of `cmd`; its first quoted argument is a window title.
 */
const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Time after which a command that still runs counts as successful, since it is probably the browser itself. */
const patienceMs = 2000;

const here = { platform: process.platform, clock: systemClock as Clock, start: spawn };

/**
 * Opens a file in the browser, which continues after the end of this process. Resolves with the reason of a failure.
 * Never rejects.
 */
export async function openFile(
  file: string,
  { platform, clock, start }: typeof here = here,
): Promise<string | undefined> {
  const [program = '', ...args] = openers[platform] ?? ['xdg-open'];
  let child: ChildProcess;
  try {
    child = start(program, [...args, resolve(file)], { detached: true, stdio: 'ignore' });
  } catch (error) {
    return `${program}: ${refusalOf(error)}`;
  }
  child.unref();
  const ended = once(child, 'exit').then(
    ([code, signal]) => (code === 0 ? undefined : `${program} ended with ${code ?? signal}`),
    (error) => (error.code === 'ENOENT' ? `${program} is missing` : `${program}: ${refusalOf(error)}`),
  );
  return deadline(ended, patienceMs, clock).catch(() => undefined);
}
