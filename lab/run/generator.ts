import { fileURLToPath } from 'node:url';
import type { Clock } from '#kit/clock.ts';
import type { Guard } from '#lab/process/guard.ts';
import { describeEnding, type Launched, launch } from '#lab/process/launch.ts';
import { niceness } from '#lab/process/priority.ts';
import { TestbedError } from '#lab/testbed-error.ts';
import { type Command, type Counts, nodeOptions, type Report, type Summary } from '#load/protocol.ts';

const main = fileURLToPath(new URL('../../load/main.ts', import.meta.url));

type Warm = Extract<Command, { do: 'warm' }>;
type Run = Extract<Command, { do: 'run' }>;

interface Listeners {
  /** The time of the phases begins at this moment of the machine's monotonic clock, close ahead. */
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Counts) => void;
}

/** The load generator's process. One command at a time. */
export class Generator {
  readonly #process: Launched;
  readonly #ended: Promise<never>;
  #answer: (report: Report) => void = () => undefined;

  constructor(logFile: string, guard?: Guard, clock?: Clock) {
    this.#process = launch(
      { name: 'generator', file: process.execPath, args: [...nodeOptions, main], logFile },
      {
        niceness: niceness.generator,
        hear: (line, from) => {
          if (from === 'stdout') this.#answer(JSON.parse(line));
        },
        guard,
        clock,
      },
    );
    this.#ended = this.#process.ended.then((ending) => {
      throw new TestbedError('generator-died', `the generator ${describeEnding(ending)}; see ${logFile}`);
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

  /** Lets the process end, and ends it when it takes too long. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  #ask<K extends Report['report']>(
    command: Command,
    expected: K,
    onReport: (report: Report) => void = () => undefined,
  ): Promise<Extract<Report, { report: K }>> {
    const answered = new Promise<Extract<Report, { report: K }>>((resolve, reject) => {
      this.#answer = (report) => {
        onReport(report);
        if (report.report === 'error') reject(new TestbedError(report.name, report.message));
        if (report.report === expected) resolve(report as Extract<Report, { report: K }>);
      };
    });
    this.#process.say(JSON.stringify(command));
    return Promise.race([answered, this.#ended]);
  }
}
