import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { Command, RunCommand, WarmCommand } from '#load/commands.ts';
import type { Progress, Report, Summary, WarmUp } from '#load/protocol.ts';
import { nodeArguments } from './process/bundle.ts';
import type { Guard } from './process/guard.ts';
import { describeEnding, type Launched, launch, niceness } from './process/launch.ts';

export interface Listeners {
  /** Receives the start time of the load, shortly before it, on the lab's clock. */
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Progress) => void;
}

/** Generator of a testbed's load. Accepts one command at a time. */
export interface LoadGenerator {
  /** Opens connections, and sends requests that the results don't include. */
  warm(command: WarmCommand): Promise<WarmUp>;
  /** Offers the load and waits for its end. */
  run(command: RunCommand, listeners?: Listeners): Promise<Summary>;
  /** Ends the run under way. It resolves with what was measured until then. */
  cancel(): void;
  stop(): Promise<void>;
}

export interface GeneratorPlace {
  readonly logFile: string;
  readonly guard: Guard;
  /** Variables in addition to the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Time without a report after which the generator counts as hanging. It usually reports four times a second. */
const silenceMs = 30_000;

/** Load generator in a process of this machine. Lines of its input and output are JSON. */
export class Generator implements LoadGenerator {
  readonly #clock: Clock;
  readonly #process: Launched;
  /** Rejects with TestbedError when the process has ended. */
  readonly #died: Promise<never>;
  #answer: (report: Report) => void = () => undefined;

  constructor({ logFile, guard, env = {} }: GeneratorPlace, clock: Clock = systemClock) {
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
    this.#died = this.#process.ended.then((ending) => {
      throw new TestbedError('generator-died', `the generator ${describeEnding(ending)}; see ${logFile}`);
    });
    this.#died.catch(() => undefined);
  }

  warm(command: WarmCommand): Promise<WarmUp> {
    return this.#ask({ do: 'warm', ...command }, 'warm');
  }

  /** Rejects with TestbedError when the generator reports an error, hangs or dies. */
  async run(command: RunCommand, { started, progress }: Listeners = {}): Promise<Summary> {
    const silence = Promise.withResolvers<never>();
    let timer: Timer;
    const restartTimer = () => {
      this.#clock.cancel(timer);
      timer = this.#clock.after(silenceMs, () => {
        const message = `the generator has reported nothing for ${silenceMs / 1000} s`;
        silence.reject(new TestbedError('generator-silent', message));
      });
    };
    restartTimer();
    const completed = this.#ask({ do: 'run', ...command }, 'ended', (report) => {
      restartTimer();
      if (report.report === 'started') started?.(report.startedAtMs);
      if (report.report === 'progress') progress?.(report);
    });
    try {
      const { report: _, ...summary } = await Promise.race([completed, silence.promise]);
      return summary;
    } finally {
      this.#clock.cancel(timer);
    }
  }

  cancel(): void {
    this.#process.send(JSON.stringify({ do: 'stop' } satisfies Command));
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
    return Promise.race([answered, this.#died]);
  }
}
