import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { clearState, isRunning, prepareState, readLastState } from '#lab/testbed/state.ts';
import { interruptSignal } from './interrupt.ts';
import { newsOf, obituaryOf } from './news.ts';
import { describe, stay } from './stay.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

interface Options {
  readonly foreground?: boolean;
  /** The first of its ports, unless it is the usual one. */
  readonly portBase?: number;
}

/** Starts a testbed that stays until `down`, or until interrupted in the foreground. Returns the exit code. */
export async function upCommand({ foreground = false, portBase }: Options): Promise<number> {
  const last = readLastState();
  if (last && isRunning(last)) {
    process.stdout.write(
      `A testbed is up already (process ${last.pid}):\n${describe(last.addresses)}${newsOf(last)}`,
    );
    return exitCodes.held;
  }
  process.stderr.write(obituaryOf(last));
  const logFolder = prepareState();
  clearState();
  return foreground ? stay(logFolder, portBase) : startInBackground(logFolder, portBase);
}

/** The process that owns the testbed is a `spillway up --foreground` of its own, which gives up when we go away before it is up. */
async function startInBackground(logFolder: string, portBase: number | undefined): Promise<number> {
  const signal = interruptSignal(exitCodes.interrupted);
  const logFile = join(logFolder, 'up.log');
  const log = openSync(logFile, 'w');
  const ports = portBase === undefined ? [] : ['--port-base', String(portBase)];
  const child = spawn(process.execPath, [main, 'up', '--foreground', ...ports], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const ended = once(child, 'exit');
  const isUp = await Promise.race([once(child, 'message').then(() => true), ended.then(() => false)]);
  if (signal.aborted) {
    await ended;
    return exitCodes.interrupted;
  }
  const said = readFileSync(logFile, 'utf8');
  if (isUp) {
    child.unref();
    process.stdout.write(`${said}Stop it with: ${commandLine(['down'])}\n`);
    return exitCodes.held;
  }
  process.stderr.write(
    said || `The testbed did not start and did not say why; its logs are in ${logFolder}\n`,
  );
  return exitCodes.internal;
}
