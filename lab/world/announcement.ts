import type { RunStatus } from '#downstream/config.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Control } from './control.ts';

const renewEveryMs = 1000;
const leaseMs = 5000;
const patienceMs = 1000;

type RunState = Omit<RunStatus, 'leaseMs' | 'phase'> & { readonly phase?: string | undefined };

/**
 * Announces the state of the run to downstream at every change and each second, so that downstream's metrics show it to
 * viewers. Sends one announcement at a time in the background, and ignores errors.
 */
export class Announcement {
  readonly #downstream: Pick<Control, 'request' | 'close'>;
  readonly #clock: Clock;
  #state: RunState | undefined;
  #delivery: Promise<void> | undefined;
  #isOutdated = false;
  #isOver = false;
  #timer: Timer;

  /** `downstream` is the client of downstream's control port. `stop` closes it. */
  constructor(downstream: Pick<Control, 'request' | 'close'>, clock: Clock) {
    this.#downstream = downstream;
    this.#clock = clock;
  }

  announce(state: RunState): void {
    this.#state = state;
    this.#send();
  }

  change(state: Partial<RunState>): void {
    if (this.#state) this.announce({ ...this.#state, ...state });
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#clock.cancel(this.#timer);
    await this.#delivery;
    if (this.#state) await this.#request('DELETE');
    await this.#downstream.close();
  }

  #send(): void {
    this.#isOutdated = true;
    this.#delivery ??= this.#deliver();
  }

  async #deliver(): Promise<void> {
    this.#clock.cancel(this.#timer);
    while (this.#isOutdated) {
      this.#isOutdated = false;
      await this.#request('PUT', { ...this.#state, leaseMs });
    }
    this.#delivery = undefined;
    if (!this.#isOver) this.#timer = this.#clock.after(renewEveryMs, () => this.#send());
  }

  async #request(method: 'PUT' | 'DELETE', body?: object): Promise<void> {
    await this.#downstream.request(method, '/run', body, patienceMs).catch(() => undefined);
  }
}
