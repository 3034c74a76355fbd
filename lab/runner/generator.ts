import { fileURLToPath } from 'node:url';
import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Guard } from '#lab/testbed/process/guard.ts';
import { describeEnding, type Launched, launch } from '#lab/testbed/process/launch.ts';
import { nodeOptions } from '#lab/testbed/process/node-options.ts';
import { niceness } from '#lab/testbed/process/priority.ts';
import type { Command } from '#load/commands.ts';
import type { Counts, Report, Summary, WarmUp } from '#load/protocol.ts';

const main = fileURLToPath(new URL('../../load/main.ts', import.meta.url));

type Warm = Extract<Command, { do: 'warm' }>;
type Run = Extract<Command, { do: 'run' }>;

interface Listeners {
  /** The time of the phases begins at this moment of the machine's monotonic clock, close ahead. */
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Counts) => void;
  /** What progress has told of until then can be read in the record. */
  readonly recorded?: (until: Pick<Counts, 'elapsedMs'>) => void;
}

/** Without a word for so long while it runs, of the four it has for a second, it hangs. */
const silenceMs = 30_000;

/** The load generator's process. One command at a time. */
export class Generator {
  readonly #process: Launched;
  readonly #ended: Promise<never>;
  readonly #clock: Clock;
  #answer: (report: Report) => void = () => undefined;

  constructor(logFile: string, guard?: Guard, clock: Clock = systemClock) {
    this.#clock = clock;
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

  /** Opens the connections and sends requests that don't count; resolves with what became of them. */
  warm(command: Omit<Warm, 'do'>): Promise<WarmUp> {
    return this.#ask({ do: 'warm', ...command }, 'warm');
  }

  /** Offers the load and waits for its end. Rejects with TestbedError when the generator reports an error, hangs or dies. */
  async run(command: Omit<Run, 'do'>, { started, progress, recorded }: Listeners = {}): Promise<Summary> {
    const silence = new Silence(silenceMs, this.#clock);
    const done = this.#ask({ do: 'run', ...command }, 'done', (report) => {
      silence.broken();
      if (report.report === 'started') started?.(report.startedAtMs);
      if (report.report === 'progress') progress?.(report);
      if (report.report === 'recorded') recorded?.(report);
    });
    try {
      const { report: _, ...summary } = await Promise.race([done, silence.lasted]);
      return summary;
    } finally {
      silence.end();
    }
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

/** Waits for words that don't come. */
class Silence {
  readonly #ms: number;
  readonly #clock: Clock;
  readonly #late = Promise.withResolvers<never>();
  #timer: Timer;

  constructor(ms: number, clock: Clock) {
    this.#ms = ms;
    this.#clock = clock;
    this.broken();
  }

  /** Rejects with TestbedError once it has lasted too long. */
  get lasted(): Promise<never> {
    return this.#late.promise;
  }

  broken(): void {
    this.end();
    this.#timer = this.#clock.after(this.#ms, () =>
      this.#late.reject(
        new TestbedError('generator-silent', `the generator has said nothing for ${this.#ms / 1000} s`),
      ),
    );
  }

  end(): void {
    this.#clock.cancel(this.#timer);
  }
}
