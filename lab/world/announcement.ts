import type { RunStatus } from '#downstream/config.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Control } from './control.ts';

const everyMs = 250;
const leaseMs = 5000;
const patienceMs = 1000;

type RunState = Omit<RunStatus, 'leaseMs' | 'phase'> & { readonly phase?: string | undefined };

/**
 * Announces the state of the run to downstream four times a second, so that downstream's metrics show it to viewers.
 * Ignores errors.
 */
export class Announcement {
  readonly #downstream: Pick<Control, 'request' | 'close'>;
  readonly #over = new AbortController();
  readonly #ended: Promise<void>;
  #state: RunState | undefined;

  /** `downstream` is the client of downstream's control port. `stop` closes it. */
  constructor(downstream: Pick<Control, 'request' | 'close'>, clock: Clock) {
    this.#downstream = downstream;
    this.#ended = this.#repeat(clock);
  }

  announce(state: RunState): void {
    this.#state = state;
  }

  change(state: Partial<RunState>): void {
    if (this.#state) this.announce({ ...this.#state, ...state });
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#ended;
    if (this.#state) await this.#request('DELETE');
    await this.#downstream.close();
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
