import { randomUUID } from 'node:crypto';
import { systemClock, type Timer } from '#kit/clock.ts';
import type { Leased } from '#kit/http/config-lease.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { withControl } from '#lab/testbed/control.ts';
import { processUrls } from './replicas.ts';

const leaseMs = 15_000;
const renewEveryMs = 3000;

/** Leases the configurations of services. At the end of the lease, each process returns to the one it had before. */
export class ConfigLeases {
  readonly #path = `/lease/${randomUUID()}`;
  /** URLs of control ports, by service. */
  readonly #services: Readonly<Record<string, string>>;
  readonly #token: string | undefined;
  #timer: Timer;

  constructor(services: Readonly<Record<string, string>>, token: string | undefined) {
    this.#services = services;
    this.#token = token;
  }

  /** Leases the configurations until `end`. Rejects with TestbedError, also if another run has a lease. */
  async begin(): Promise<void> {
    // One after the other, so that of two runs only one gets any.
    for (const name of Object.keys(this.#services)) await this.#each(name, 'PUT');
    this.#renewLater();
  }

  /** Ends the lease of a service. Rejects with TestbedError. */
  async end(name: string): Promise<void> {
    await this.#each(name, 'DELETE', 60_000);
  }

  stopRenewing(): void {
    systemClock.cancel(this.#timer);
  }

  #renewLater(): void {
    this.#timer = systemClock.after(renewEveryMs, () => {
      // A process that is down or paused misses renewals. After a pause, it doesn't end the lease at once.
      for (const name of Object.keys(this.#services))
        void this.#each(name, 'PUT', renewEveryMs).catch(() => undefined);
      this.#renewLater();
    });
  }

  /** Calls each process that the service has now. */
  async #each(name: string, method: 'PUT' | 'DELETE', withinMs?: number): Promise<void> {
    const body = method === 'PUT' ? { leaseMs } : undefined;
    const ask = async (url: string) => {
      const answer = await withControl(name, url, this.#token, (port) =>
        port.request(method, this.#path, body, withinMs),
      );
      const { isLeased } = JSON.parse(answer) as Leased;
      if (method === 'DELETE' || isLeased) return;
      const message = `another run uses the testbed of ${url}: wait until it ends, or ${leaseMs / 1000} s if it was killed`;
      throw new TestbedError('testbed-in-use', message);
    };
    await Promise.all((await processUrls(this.#services[name]!)).map(ask));
  }
}
