import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { Guard } from './guard.ts';
import { prioritised } from './priority.ts';

/** What to run as a process beside the lab. */
export interface Program {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Its whole environment, beside PATH and the like. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where all its output goes. */
  readonly logFile: string;
}

/** A process that was launched, and may have ended. */
export interface Launched {
  readonly name: string;
  /** Undefined where it could not be launched; `ended` says why. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended and its log is closed, with how; never rejects. */
  readonly ended: Promise<Ending>;
  /** Sends a line to its stdin; one that it no longer reads is lost. */
  say(line: string): void;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it has not ended 10 s later; resolves when it has. */
  stop(): Promise<void>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its output. */
  readonly tail: readonly string[];
}

interface Options {
  /** How far it goes before everything else on the machine. */
  readonly niceness: number;
  /** Gets each line of its output. */
  readonly hear: (line: string, from: 'stdout' | 'stderr') => void;
  readonly guard?: Guard | undefined;
  readonly clock?: Clock | undefined;
}

const patienceMs = 10_000;
const tailLines = 20;
const inherited = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'];

/** Starts a process that ends with the lab at the latest, where it is guarded. */
export function launch(program: Program, options: Options): Launched {
  const { niceness, hear, guard, clock = systemClock } = options;
  const { file, args } = prioritised(program.file, program.args, niceness);
  const common = Object.fromEntries(
    inherited.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])),
  );
  const child = spawn(file, args, {
    env: { ...common, ...program.env },
    stdio: 'pipe',
    // A group of its own, so that Ctrl-C reaches the lab alone, which stops things in order.
    detached: true,
  });
  guard?.process(child);
  child.stdin.on('error', () => undefined);
  const log = createWriteStream(program.logFile, { flags: 'a' }).on('error', () => undefined);
  const tail: string[] = [];
  for (const from of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[from] }).on('line', (line) => {
      log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > tailLines) tail.shift();
      hear(line, from);
    });
  }
  const ended = endOf(child, tail, log);
  return {
    name: program.name,
    pid: child.pid,
    ended,
    say: (line) => void child.stdin.write(`${line}\n`),
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const late = clock.after(patienceMs, () => child.kill('SIGKILL'));
      await ended;
      clock.cancel(late);
    },
  };
}

async function endOf(child: ChildProcess, tail: readonly string[], log: WriteStream): Promise<Ending> {
  try {
    const [code, signal] = await once(child, 'close');
    return { code, signal, tail };
  } catch (error) {
    return { code: null, signal: null, tail: [String(error)] };
  } finally {
    await closed(log);
  }
}

const closed = (log: WriteStream): Promise<void> =>
  new Promise((resolve) => {
    log.close(() => resolve());
  });

/** How a process ended, in words. */
export const describeEnding = ({ code, signal }: Ending): string =>
  signal ? `was killed by ${signal}` : `ended with exit code ${code}`;
