import { randomUUID } from 'node:crypto';
import { systemClock, type Timer } from '#kit/clock.ts';
import type { Leased } from '#kit/http/config-lease.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { eachProcess } from './replicas.ts';

const renewEveryMs = 1000;
/** The load of a testbed starts again soon after its run was killed. A service may miss more renewals. */
const leaseMsOf = (service: string): number => (service === 'load' ? 5000 : 15_000);

export type ConfigLeases = ReturnType<typeof configLeases>;

/**
 * Returns functions that lease the configurations of services. At the end of the lease, each process returns to the
 * configuration that it had before. `services` has the URLs of control ports.
 */
export function configLeases(services: Readonly<Record<string, string>>, token: string | undefined) {
  const path = `/lease/${randomUUID()}`;
  let timer: Timer;
  let renewals: Promise<unknown> = Promise.resolve();
  /** Calls each process that the service has now. */
  const each = (name: string, method: 'PUT' | 'DELETE', withinMs?: number) => {
    const leaseMs = leaseMsOf(name);
    return eachProcess(name, services[name]!, token, async (port, url) => {
      const body = method === 'PUT' ? { leaseMs } : undefined;
      const answer = await port.request(method, path, body, withinMs);
      if (method === 'DELETE' || (JSON.parse(answer) as Leased).isLeased) return;
      const message = `another run uses the testbed of ${url}: wait until it ends, or ${leaseMs / 1000} s if it was killed`;
      throw new TestbedError('testbed-in-use', message);
    });
  };
  const renewLater = () => {
    timer = systemClock.after(renewEveryMs, () => {
      renewLater();
      // A process that is down or paused misses renewals.
      renewals = Promise.allSettled(Object.keys(services).map((name) => each(name, 'PUT', renewEveryMs)));
    });
  };
  return {
    /** Leases the configurations until `end`. Rejects with TestbedError, also if another run has a lease. */
    async begin(): Promise<void> {
      // One after the other, so that of two runs only one gets any.
      for (const name of Object.keys(services)) await each(name, 'PUT');
      renewLater();
    },
    /** Resolves when no renewal is under way, since a late one would lease the configuration again. */
    async stopRenewing(): Promise<void> {
      systemClock.cancel(timer);
      await renewals;
    },
    /** Ends the lease of a service. Rejects with TestbedError. */
    end: (name: string) => each(name, 'DELETE', 60_000),
  };
}
