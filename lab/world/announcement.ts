import type { RunStatus } from '#downstream/config.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import { phaseSpans } from '#load/phases.ts';
import type { Progress } from '#load/protocol.ts';
import type { Control } from './control.ts';

const everyMs = 250;
const leaseMs = 5000;
const patienceMs = 1000;

type RunState = Omit<RunStatus, 'leaseMs' | 'phase'> & { readonly phase?: string | undefined };

type Counted = Omit<Progress, 'lags'>;

/**
 * Announces the state of the run to downstream four times a second, so that downstream's metrics show it to viewers.
 * Ignores errors.
 */
export class Announcement {
  readonly #downstream: Pick<Control, 'request' | 'close'>;
  readonly #over = new AbortController();
  readonly #ended: Promise<void>;
  #state: RunState | undefined;
  #phases: ReturnType<typeof phaseSpans> = [];

  /** `downstream` is the client of downstream's control port. `stop` closes it. */
  constructor(downstream: Pick<Control, 'request' | 'close'>, clock: Clock) {
    this.#downstream = downstream;
    this.#ended = this.#repeat(clock);
  }

  /** Announces that a variant begins. */
  begin({ variants, deadlineMs, load }: Experiment, name: string): void {
    this.#phases = phaseSpans(load);
    const { path } = variants[name]!;
    this.#state = { variant: name, path, deadlineMs, faults: [], offered: 0, ended: {} };
  }

  counted({ elapsedMs, offered, outcomes: { pending: _, ...ended }, latencies }: Counted): void {
    const phase = this.#phases.find(({ span }) => elapsedMs >= span.fromMs && elapsedMs < span.untilMs);
    this.#change({ offered, ended, latencies, phase: phase?.name });
  }

  faultsChanged(faults: readonly Fault[]): void {
    this.#change({ faults: faults.map(({ name, target, fault }) => ({ name, target, kind: fault.kind })) });
  }

  /** Announces the end of the load. */
  over({ offered, outcomes, latencies }: Counted): void {
    this.#change({ offered, ended: outcomes, latencies, phase: undefined });
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#ended;
    if (this.#state) await this.#request('DELETE');
    await this.#downstream.close();
  }

  #change(state: Partial<RunState>): void {
    if (this.#state) this.#state = { ...this.#state, ...state };
  }

  async #repeat(clock: Clock): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      if (this.#state) await this.#request('PUT', { ...this.#state, leaseMs });
      await sleep(everyMs, clock, signal).catch(() => undefined);
    }
  }

  async #request(method: 'PUT' | 'DELETE', body?: object): Promise<void> {
    await this.#downstream.request(method, '/run', body, patienceMs).catch(() => undefined);
  }
}
