import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { nodeArguments } from '#lab/testbed/process/bundle.ts';
import type { Guard } from '#lab/testbed/process/guard.ts';
import { describeEnding, type Launched, launch, niceness } from '#lab/testbed/process/launch.ts';
import type { Command } from '#load/commands.ts';
import type { Counts, Report, Summary, WarmUp } from '#load/protocol.ts';

type Warm = Extract<Command, { do: 'warm' }>;
type Run = Extract<Command, { do: 'run' }>;

interface Listeners {
  /** Receives the start time of the load, shortly before it, on the machine's monotonic clock. */
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Counts) => void;
  /** Receives the time until which the record is complete. */
  readonly recorded?: (until: Pick<Counts, 'elapsedMs'>) => void;
}

/** Time without a report after which the generator counts as hanging. It usually reports four times a second. */
const silenceMs = 30_000;

/** Load generator, which is a separate process. Accepts one command at a time. It gets the variables in `env`, too. */
export class Generator {
  readonly #process: Launched;
  readonly #ended: Promise<never>;
  readonly #clock: Clock;
  #answer: (report: Report) => void = () => undefined;

  constructor(
    logFile: string,
    guard?: Guard,
    clock: Clock = systemClock,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#clock = clock;
    this.#process = launch(
      { name: 'generator', file: process.execPath, args: nodeArguments('generator'), logFile, env },
      {
        niceness: niceness.generator,
        onLine: (line, from) => {
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

  /** Opens the generator's connections, and sends requests that the results don't include. */
  warm(command: Omit<Warm, 'do'>): Promise<WarmUp> {
    return this.#ask({ do: 'warm', ...command }, 'warm');
  }

  /**
   * Offers the load and waits for its end. Rejects with TestbedError when the generator reports an error, hangs or
   * dies.
   */
  async run(command: Omit<Run, 'do'>, { started, progress, recorded }: Listeners = {}): Promise<Summary> {
    const silence = Promise.withResolvers<never>();
    let timer: Timer;
    const restartTimer = () => {
      this.#clock.cancel(timer);
      const message = `the generator has reported nothing for ${silenceMs / 1000} s`;
      timer = this.#clock.after(silenceMs, () =>
        silence.reject(new TestbedError('generator-silent', message)),
      );
    };
    restartTimer();
    const completed = this.#ask({ do: 'run', ...command }, 'ended', (report) => {
      restartTimer();
      if (report.report === 'started') started?.(report.startedAtMs);
      if (report.report === 'progress') progress?.(report);
      if (report.report === 'recorded') recorded?.(report);
    });
    try {
      const { report: _, ...summary } = await Promise.race([completed, silence.promise]);
      return summary;
    } finally {
      this.#clock.cancel(timer);
    }
  }

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
    this.#process.send(JSON.stringify(command));
    return Promise.race([answered, this.#ended]);
  }
}
