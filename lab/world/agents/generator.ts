import { type Clock, systemClock, type Timer } from '#kit/clock.ts';
import { AgentLost, TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import { nodeArguments } from '#lab/world/process/bundle.ts';
import type { Guard } from '#lab/world/process/guard.ts';
import { describeEnding, launch, niceness } from '#lab/world/process/launch.ts';
import type { Command } from '#load/commands.ts';
import type { Counts, Progress, Report, Summary, WarmUp } from '#load/protocol.ts';

type Warm = Extract<Command, { do: 'warm' }>;
type Run = Extract<Command, { do: 'run' }>;

export interface Listeners {
  /** Receives the start time of the load, shortly before it, on the lab's clock. */
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Progress) => void;
  /** Receives the time until which the record is complete. */
  readonly recorded?: (until: Pick<Counts, 'elapsedMs'>) => void;
}

/** Listeners to one of several agents. */
interface AgentListeners extends Listeners {
  /** Called when the agent waits for `start`. */
  readonly ready?: () => void;
  /** Receives lines of the record, each with its line break. */
  readonly lines?: (lines: string) => void;
}

/** Generator of a testbed's load. Accepts one command at a time. */
export interface LoadGenerator {
  /** Opens connections, and sends requests that the results don't include. */
  warm(command: Omit<Warm, 'do'>): Promise<WarmUp>;
  /** Offers the load and waits for its end. */
  run(command: Omit<Run, 'do'>, listeners?: Listeners): Promise<Summary>;
  stop(): Promise<void>;
}

/** Connection to a generator elsewhere. Lines are JSON. */
export interface Link {
  send(line: string): void;
  /** Rejects with TestbedError when the generator can't be reached any more. */
  readonly lost: Promise<never>;
  /** Ends the generator. Afterwards `lost` has rejected. May be called twice. */
  stop(): Promise<void>;
}

/** Opens a connection to a generator. `onLine` receives its reports. */
export type Connect = (onLine: (line: string) => void) => Link;

/** Place of a generator's process. */
export interface ProcessPlace {
  readonly logFile: string;
  readonly guard?: Guard | undefined;
  readonly clock?: Clock | undefined;
  /** Variables in addition to the inherited ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Name of the agent; undefined if the generator works alone. */
  readonly agent?: string;
}

/** Starts a generator as a process of this machine. */
export const processOf =
  ({ logFile, guard, clock, env = {}, agent }: ProcessPlace): Connect =>
  (onLine) => {
    const launched = launch(
      { name: agent ?? 'generator', file: process.execPath, args: nodeArguments('generator'), logFile, env },
      {
        niceness: niceness.generator,
        onLine: (line, from) => {
          if (from === 'stdout') onLine(line);
        },
        isLogged: (line) => !isOfRecord(line), // the lab writes the record
        guard,
        clock,
      },
    );
    const lost = launched.ended.then((ending) => {
      const died = `${describeEnding(ending)}; see ${logFile}`;
      if (agent === undefined) throw new TestbedError('generator-died', `the generator ${died}`);
      throw new AgentLost(`the load agent ${agent} ${died}`);
    });
    return { send: (line) => launched.send(line), lost, stop: () => launched.stop() };
  };

/** True for a report with lines of the record. */
const isOfRecord = (line: string): boolean => line.startsWith('{"report":"lines"');

/** Time without a report after which the generator counts as hanging. It usually reports four times a second. */
const silenceMs = 30_000;

interface GeneratorOptions {
  readonly clock?: Clock | undefined;
  /** Name of the agent for messages; undefined if the generator works alone. */
  readonly agent?: string;
}

/** Load generator behind a connection. Accepts one command at a time. */
export class Generator implements LoadGenerator {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #agent: string | undefined;
  #answer: (report: Report) => void = () => undefined;

  constructor(connect: Connect, { clock = systemClock, agent }: GeneratorOptions = {}) {
    this.#clock = clock;
    this.#agent = agent;
    this.#link = connect((line) => this.#answer(JSON.parse(line)));
    this.#link.lost.catch(() => undefined);
  }

  warm(command: Omit<Warm, 'do'>): Promise<WarmUp> {
    return this.#ask({ do: 'warm', ...command }, 'warm');
  }

  /** Rejects with TestbedError when the generator reports an error, hangs or dies. */
  async run(command: Omit<Run, 'do'>, listeners: AgentListeners = {}): Promise<Summary> {
    const { started, progress, recorded, ready, lines } = listeners;
    const silence = Promise.withResolvers<never>();
    let timer: Timer;
    const restartTimer = () => {
      this.#clock.cancel(timer);
      timer = this.#clock.after(silenceMs, () => silence.reject(this.#silent()));
    };
    restartTimer();
    const completed = this.#ask({ do: 'run', ...command }, 'ended', (report) => {
      restartTimer();
      // An agent that is ready waits for the slowest one, and reports nothing meanwhile.
      if (report.report === 'ready') this.#clock.cancel(timer);
      if (report.report === 'ready') ready?.();
      if (report.report === 'lines') lines?.(report.lines);
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

  /** Starts a run that has reported that it is ready. */
  start(atMs: number): void {
    this.#link.send(JSON.stringify({ do: 'start', atMs } satisfies Command));
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  #silent(): TestbedError {
    const silent = `has reported nothing for ${silenceMs / 1000} s`;
    if (this.#agent === undefined) return new TestbedError('generator-silent', `the generator ${silent}`);
    return new AgentLost(`the load agent ${this.#agent} ${silent}`);
  }

  #ask<K extends Report['report']>(
    command: Command,
    expected: K,
    onReport: (report: Report) => void = () => undefined,
  ): Promise<Extract<Report, { report: K }>> {
    const answered = new Promise<Extract<Report, { report: K }>>((resolve, reject) => {
      this.#answer = (report) => {
        onReport(report);
        if (report.report === 'error') reject(new TestbedError(report.name, this.#named(report.message)));
        if (report.report === expected) resolve(report as Extract<Report, { report: K }>);
      };
    });
    this.#link.send(JSON.stringify(command));
    return Promise.race([answered, this.#link.lost]);
  }

  #named(message: string): string {
    return this.#agent === undefined ? message : `load agent ${this.#agent}: ${message}`;
  }
}
