import { sleep, systemClock, type Timer } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { withControl } from '#lab/testbed/control.ts';
import type { Held } from '#load/steady/hold.ts';

const leaseMs = 5000;
const renewEveryMs = 1000;
/** Longest wait for the events of the load. A backlog of a burst drains within some 15 s. */
const patienceMs = 60_000;

/** Longer than undici's timeout of a connection, to which the search for a missing host name may lead. */
const answerWithinMs = 15_000;

/** Errors of a connection to a load that doesn't run. */
const absent: readonly unknown[] = [
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH'],
  'UND_ERR_CONNECT_TIMEOUT',
];

const isAbsent = ({ cause }: Error): boolean =>
  absent.includes((cause as { code?: unknown } | undefined)?.code);

/** Holds the endless load of a testbed, so that a run has the testbed for itself. */
export class LoadHold {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #lost = Promise.withResolvers<never>();
  #timer: Timer;
  #isHeld = false;

  /** `url` is that of the load's control port. */
  constructor(url: string, token: string | undefined) {
    this.#url = url;
    this.#token = token;
    this.lost.catch(() => undefined);
  }

  /** Rejects with TestbedError if the load has started during the hold. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /**
   * Resolves when nothing of the load is left. If the load doesn't run, does nothing. Calls `say` before a wait. Rejects
   * with TestbedError, or with the signal's reason if the signal aborts.
   */
  async begin(say: (line: string) => void, signal: AbortSignal): Promise<void> {
    let isStill = await this.#renew().catch((error: Error) => {
      if (isAbsent(error)) return undefined;
      throw error;
    });
    if (isStill === undefined) return;
    this.#isHeld = true;
    if (!isStill)
      say('Holding the load of the testbed, until nothing of it is left. It starts again after the run.');
    const giveUpAtMs = systemClock.now() + patienceMs;
    while (!isStill) {
      if (systemClock.now() > giveUpAtMs) throw new TestbedError('load-not-still', moving);
      await sleep(renewEveryMs, systemClock, signal);
      isStill = await this.#renew();
    }
    this.#renewLater();
  }

  /** Ends the hold, so that the load starts again. Rejects with TestbedError. */
  async end(): Promise<void> {
    systemClock.cancel(this.#timer);
    if (!this.#isHeld) return;
    await this.#ask('DELETE').catch((error: Error) => {
      if (!isAbsent(error)) throw error;
    });
  }

  #renewLater(): void {
    this.#timer = systemClock.after(renewEveryMs, () => {
      void this.#renew().then(
        (isStill) => isStill || this.#lost.reject(new TestbedError('load-started', started)),
        () => undefined,
      );
      this.#renewLater();
    });
  }

  async #renew(): Promise<boolean> {
    return (JSON.parse(await this.#ask('PUT', { leaseMs })) as Held).isStill;
  }

  #ask(method: 'PUT' | 'DELETE', body?: object): Promise<string> {
    return withControl('load', this.#url, this.#token, (port) =>
      port.request(method, '/hold', body, answerWithinMs),
    );
  }
}

const moving = `requests or events of the testbed's own load are left after ${patienceMs / 1000} s: does the consumer run?`;
const started =
  'the load of the testbed started during the run, since it was restarted, or since the lab stood still for 5 s: run again';
