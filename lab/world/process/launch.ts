import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, sleep, systemClock } from '#kit/clock.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { untilListening } from '#lab/world/readiness.ts';
import { commandLine } from './command-line.ts';
import type { Guard } from './guard.ts';

/** Niceness of the parts of a testbed. The generator takes precedence, since it measures the latencies. */
export const niceness = { generator: -15, testbed: -10 } as const;

/**
 * Returns the command that starts a program with a niceness. Only root can lower the niceness. For other users the
 * program runs with the usual niceness, and validity checks detect a busy machine.
 */
export function prioritised(
  file: string,
  args: readonly string[],
  level: number,
): { file: string; args: readonly string[] } {
  return process.getuid?.() === 0
    ? { file: 'nice', args: ['-n', String(level), file, ...args] }
    : { file, args };
}

export interface Program {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Variables in addition to PATH and other inherited variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Working folder. @default that of the lab */
  readonly folder?: string;
  /** True if signals go to its whole process group, since it may have processes of its own, as nginx has. */
  readonly isGroup?: boolean;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last lines of the output. */
  readonly tail: readonly string[];
}

interface LaunchOptions {
  readonly niceness: number;
  readonly onLine: (line: string, from: 'stdout' | 'stderr') => void;
  readonly guard?: Guard | undefined;
  readonly clock?: Clock | undefined;
}

const tailLines = 20;
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'];

/** A launched process, which may have ended. */
export type Launched = ReturnType<typeof launch>;

/** Starts a process. The guard kills the process when the lab ends, if it still runs. */
export function launch(program: Program, options: LaunchOptions) {
  const { niceness, onLine, guard, clock = systemClock } = options;
  const { file, args } = prioritised(program.file, program.args, niceness);
  const common = Object.fromEntries(
    inherited.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
  );
  const child = spawn(file, args, {
    env: { ...common, ...program.env },
    stdio: 'pipe',
    cwd: program.folder,
    // Starts a separate process group, so that Ctrl-C reaches only the lab, which then stops the processes in order.
    detached: true,
  });
  guard?.process(child);
  child.stdin.on('error', () => undefined);
  const log = createWriteStream(program.logFile, { flags: 'a' }).on('error', () => undefined);
  const tail: string[] = [];
  for (const from of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[from] }).on('line', (line) => {
      onLine(line, from);
      log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
    });
  }
  const kill = (signal: NodeJS.Signals) =>
    void (program.isGroup ? killGroup(child, signal) : child.kill(signal));
  // What is left of a group keeps its output open, and its ports.
  if (program.isGroup) child.once('exit', () => kill('SIGKILL'));
  const ended = endOf(child, tail, log);
  return {
    name: program.name,
    /** Process id. Undefined if the process could not be launched; the tail of `ended` then has the reason. */
    pid: child.pid,
    /** Resolves when the process has ended and its log is closed. Never rejects. */
    ended,
    /** Writes a line to stdin. The line is lost if the process has closed its stdin. */
    send: (line: string) => void child.stdin.write(`${line}\n`),
    kill,
    /** Sends SIGTERM, and SIGKILL `withinMs` later. Resolves when the process has ended. */
    async stop(withinMs = 10_000): Promise<void> {
      kill('SIGTERM');
      const late = clock.after(withinMs, () => kill('SIGKILL'));
      await ended;
      clock.cancel(late);
    },
  };
}

/** Sends a signal to all processes of the group that a process leads. */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

async function endOf(child: ChildProcess, tail: readonly string[], log: WriteStream): Promise<Ending> {
  try {
    const [code, signal] = await once(child, 'close');
    return { code, signal, tail };
  } catch (error) {
    return { code: null, signal: null, tail: [String(error)] };
  } finally {
    await new Promise<void>((resolve) => log.close(() => resolve()));
  }
}

export const describeEnding = ({ code, signal }: Ending): string =>
  signal ? `was killed by ${signal}` : `ended with exit code ${code}`;

/** Returns the likely reason of an ending, from the last lines of the output. Undefined after a signal. */
export function reasonOf({ tail, signal }: Ending): string | undefined {
  if (signal) return undefined;
  const said = tail.filter((line) => line.trim() !== '');
  const reason = said.findLast((line) => /"level":60|^\w*Error\b/.test(line)) ?? said.at(-1);
  return reason && messageOf(reason);
}

export interface Command extends Program {
  /** Returns the ports if this line of the output shows that the process is ready; else undefined. */
  readonly ready?: (line: string) => Ports | undefined;
  /** Port of a process that is ready when it accepts connections there. */
  readonly listens?: number;
}

export type Ports = Readonly<Record<string, number>>;

/** A process that is ready. */
export type Child = Awaited<ReturnType<typeof startChild>>;

const readyWithinMs = 20_000;

/**
 * Starts a process and waits until it is ready. Rejects with TestbedError if the process ends before it is ready, or
 * isn't ready within 20 s.
 */
export async function startChild(command: Command, guard?: Guard, clock: Clock = systemClock) {
  const { name, logFile, listens } = command;
  const ready = Promise.withResolvers<Ports>();
  const onLine = (line: string) => {
    const ports = command.ready?.(line);
    if (ports) ready.resolve(ports);
  };
  const over = new AbortController();
  const launched = launch(command, { niceness: niceness.testbed, onLine, guard, clock });
  const late = sleep(readyWithinMs, clock, over.signal).catch(() => undefined);
  if (listens !== undefined)
    void untilListening(name, `http://127.0.0.1:${listens}`, {
      ...{ withinMs: readyWithinMs, signal: over.signal, clock },
    }).then(
      () => ready.resolve({ traffic: listens }),
      () => undefined,
    );
  const first = await Promise.race([ready.promise, launched.ended, late]);
  over.abort();
  if (!first) {
    launched.kill('SIGKILL');
    const message = `${name} was not ready within ${readyWithinMs / 1000} s; see ${logFile}`;
    throw new TestbedError(`${name}-not-ready`, message);
  }
  if ('tail' in first) throw startError(name, first as Ending, logFile);
  return { ...launched, pid: launched.pid!, ports: first };
}

function startError(name: string, ending: Ending, logFile: string): TestbedError {
  const inUse = ending.tail.map(messageOf).find((text) => /address already in use/.test(text));
  if (inUse !== undefined) {
    const port = /\.\d+:(\d+)/.exec(inUse)?.[1];
    return new TestbedError(
      'port-in-use',
      `${name} needs port ${port}, which is in use. If another testbed is up, stop it with ${commandLine(['down'])} where it was started; otherwise end the program that listens there, or use --port-base`,
    );
  }
  const reason = reasonOf(ending) ?? `it ${describeEnding(ending)}`;
  return new TestbedError(`${name}-start-failed`, `${name} ended while starting: ${reason}; see ${logFile}`);
}

/** Returns the message of a log line, with that of its error. */
function messageOf(line: string): string {
  try {
    const { msg = line, err } = JSON.parse(line);
    return err?.message && !msg.includes(err.message) ? `${msg}: ${err.message}` : msg;
  } catch {
    return line.trim();
  }
}
