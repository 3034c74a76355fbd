import type { Clock } from '#kit/clock.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Command } from '#load/commands.ts';
import type { Completions } from '#load/completions.ts';
import type { Counts, Progress, Report, Summary, WarmUp } from '#load/protocol.ts';
import { type Host, run } from '#load/run.ts';
import type { Pool } from '#load/sending/connections.ts';
import { createRecord } from './record.ts';

type Run = Extract<Command, { do: 'run' }>;

interface Listeners {
  readonly started?: (atMs: number) => void;
  readonly progress?: (counts: Progress) => void;
  readonly recorded?: (until: Pick<Counts, 'elapsedMs'>) => void;
}

interface GeneratorParts {
  readonly connections: Pool<WorkRequest>;
  /** Outcomes of events. */
  readonly completions: Completions;
}

/** Host of a simulated generator, whose use of CPU and memory says nothing about a real one. */
const host: Host = { createRecord, cpuMs: () => 0, rssPeakBytes: () => 0 };

/** Load generator in virtual time. */
export class SimulatedGenerator {
  readonly #clock: Clock;
  readonly #parts: GeneratorParts;
  readonly #stop = new AbortController();

  constructor(clock: Clock, parts: GeneratorParts) {
    this.#clock = clock;
    this.#parts = parts;
  }

  /** Sends no requests, since virtual time has no cold code or connections. */
  async warm(): Promise<WarmUp> {
    return { unfinished: 0, firstErrors: {} };
  }

  run(command: Omit<Run, 'do'>, { started, progress, recorded }: Listeners = {}): Promise<Summary> {
    const report = (report: Report) => {
      if (report.report === 'started') started?.(report.startedAtMs);
      if (report.report === 'progress') progress?.(report);
      if (report.report === 'recorded') recorded?.(report);
    };
    const parts = {
      clock: this.#clock,
      ...this.#parts,
      report,
      host,
    };
    return run({ do: 'run', ...command }, parts, this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
  }
}
