import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '#kit/clock.ts';
import { TestbedError } from './errors.ts';
import type { Guard } from './guard.ts';
import { niceness, prioritised } from './priority.ts';

/** How to start a process of the testbed. */
export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Its whole environment, beside PATH and the like. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Looks at a line of its output; what it returns means that the process is ready. */
  readonly ready: (line: string) => Ports | undefined;
}

export type Ports = Readonly<Record<string, number>>;

/** A process that is running and has said that it is ready. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly ports: Ports;
  /** Resolves when the process has ended, with how. */
  readonly ended: Promise<Ending>;
  kill(signal: NodeJS.Signals): void;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its output. */
  readonly tail: readonly string[];
}

const readyWithinMs = 20_000;
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'];

/** Starts a process and waits until it is ready. Rejects with TestbedError when it ends first or takes too long. */
export async function startChild(
  command: Command,
  guard?: Guard,
  clock: Clock = systemClock,
): Promise<Child> {
  const { name, logFile } = command;
  const { file, args } = prioritised(command.file, command.args, niceness.testbed);
  const common = Object.fromEntries(
    inherited.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
  );
  const child = spawn(file, args, {
    env: { ...common, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that Ctrl-C reaches the lab alone, which stops things in order.
    detached: true,
  });
  guard?.process(child);
  const tail: string[] = [];
  const ended = endOf(child, tail);
  const ready = new Promise<Ports>((resolve) => {
    const log = createWriteStream(logFile, { flags: 'a' });
    log.on('error', () => undefined);
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        log.write(`${line}\n`);
        tail.push(line);
        if (tail.length > 20) tail.shift();
        const ports = command.ready(line);
        if (ports) resolve(ports);
      });
    }
  });
  let timer: unknown;
  const late = new Promise<'late'>((resolve) => {
    timer = clock.after(readyWithinMs, () => resolve('late'));
  });
  const first = await Promise.race([ready, ended, late]).finally(() => clock.cancel(timer));
  if (first === 'late') {
    child.kill('SIGKILL');
    throw new TestbedError(
      `${name}-not-ready`,
      `${name} was not ready within ${readyWithinMs / 1000} s; see ${logFile}`,
    );
  }
  if ('tail' in first) throw startError(name, first as Ending, logFile);
  return { name, pid: child.pid!, ports: first, ended, kill: (signal) => void child.kill(signal) };
}

async function endOf(child: ChildProcess, tail: string[]): Promise<Ending> {
  try {
    const [code, signal] = await once(child, 'close');
    return { code, signal, tail };
  } catch (error) {
    return { code: null, signal: null, tail: [String(error)] };
  }
}

function startError(name: string, ending: Ending, logFile: string): TestbedError {
  const reason =
    ending.tail
      .map(messageOf)
      .filter((text) => text !== '')
      .at(-1) ?? 'it said nothing';
  if (ending.tail.some((line) => /EADDRINUSE|address already in use/.test(line))) {
    return new TestbedError('port-in-use', `${name} can't have its port: ${reason}`);
  }
  return new TestbedError(`${name}-start-failed`, `${name} ended while starting: ${reason}; see ${logFile}`);
}

/** The words of a log line. */
function messageOf(line: string): string {
  try {
    return JSON.parse(line).msg ?? line;
  } catch {
    return line.trim();
  }
}

/** How a process ended, in words. */
export const describeEnding = ({ code, signal }: Ending): string =>
  signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
