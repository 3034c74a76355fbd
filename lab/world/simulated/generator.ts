import type { Clock } from '#kit/clock.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { Listeners, LoadGenerator } from '#lab/world/generator.ts';
import type { Command } from '#load/commands.ts';
import type { Completions } from '#load/completions.ts';
import type { Report, Summary, WarmUp } from '#load/protocol.ts';
import { type Host, run } from '#load/run.ts';
import type { Pool } from '#load/sending/connections.ts';

type Run = Extract<Command, { do: 'run' }>;

interface GeneratorParts {
  readonly connections: Pool<WorkRequest>;
  /** Outcomes of events. */
  readonly completions: Completions;
  readonly store: Pick<Store, 'createRecord'>;
}

/** Load generator in virtual time. */
export class SimulatedGenerator implements LoadGenerator {
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

  run(command: Omit<Run, 'do'>, { started, progress }: Listeners = {}): Promise<Summary> {
    const report = (report: Report) => {
      if (report.report === 'started') started?.(report.startedAtMs);
      if (report.report === 'progress') progress?.(report);
    };
    const { store, ...parts } = this.#parts;
    /** Its use of CPU and memory says nothing about a real one. */
    const host: Host = {
      createRecord: async (_file, planned) => store.createRecord(planned),
      cpuMs: () => 0,
      rssPeakBytes: () => 0,
    };
    const all = { ...parts, clock: this.#clock, report, host };
    return run({ do: 'run', ...command }, all, this.#stop.signal);
  }

  /** Does nothing, since no pace is too fast in virtual time. */
  cancel(): void {}

  async stop(): Promise<void> {
    this.#stop.abort();
  }
}
