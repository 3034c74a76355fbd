import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Command, type Counts, nodeOptions, type Report, type Summary } from '#load/protocol.ts';
import { TestbedError } from './engine/errors.ts';
import type { Guard } from './engine/guard.ts';
import { niceness, prioritised } from './engine/priority.ts';

const main = fileURLToPath(new URL('../load/main.ts', import.meta.url));

type Warm = Extract<Command, { do: 'warm' }>;
type Run = Extract<Command, { do: 'run' }>;

interface Listeners {
  /** The time of the phases begins at this moment of the machine's monotonic clock, close ahead. */
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Counts) => void;
}

/** The load generator's process. One command at a time. */
export class Generator {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  #answer: (report: Report) => void = () => undefined;

  constructor(logFile: string, guard?: Guard) {
    // A group of its own: Ctrl-C is for the lab.
    const { file, args } = prioritised(process.execPath, [...nodeOptions, main], niceness.generator);
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    guard?.process(this.#child);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stderr?.pipe(createWriteStream(logFile, { flags: 'a' }).on('error', () => undefined));
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#answer(JSON.parse(line)));
    this.#ended = once(this.#child, 'close').then(([code, signal]) => {
      throw new TestbedError(
        'generator-died',
        `the generator ended (${signal ?? `exit code ${code}`}); see ${logFile}`,
      );
    });
    this.#ended.catch(() => undefined);
  }

  /** Opens the connections and sends requests that don't count; resolves with how many of them came to no end. */
  async warm(command: Omit<Warm, 'do'>): Promise<number> {
    const report = await this.#ask({ do: 'warm', ...command }, 'warm');
    return report.unfinished;
  }

  /** Offers the load and waits for its end. Rejects with TestbedError when the generator reports an error or dies. */
  run(command: Omit<Run, 'do'>, { started, progress }: Listeners = {}): Promise<Summary> {
    return this.#ask({ do: 'run', ...command }, 'done', (report) => {
      if (report.report === 'started') started?.(report.startedAtMs);
      if (report.report === 'progress') progress?.(report);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.stdin?.end();
    this.#child.kill('SIGTERM');
    await closed;
  }

  #ask<K extends Report['report']>(
    command: Command,
    expected: K,
    onReport: (report: Report) => void = () => undefined,
  ): Promise<Extract<Report, { report: K }>> {
    const answered = new Promise<Extract<Report, { report: K }>>((resolve, reject) => {
      this.#answer = (report) => {
        onReport(report);
        if (report.report === 'error') reject(new TestbedError('generator-error', report.message));
        if (report.report === expected) resolve(report as Extract<Report, { report: K }>);
      };
    });
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return Promise.race([answered, this.#ended]);
  }
}
