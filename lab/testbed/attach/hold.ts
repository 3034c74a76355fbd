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
const absent = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

function unlessAbsent(error: Error): void {
  if (!absent.includes((error.cause as { code?: string } | undefined)?.code ?? '')) throw error;
}

const moving = `requests or events of the testbed's own load are left after ${patienceMs / 1000} s: does the consumer run?`;
const started =
  'the load of the testbed started during the run, since it was restarted, or since the lab stood still for 5 s: run again';

export type LoadHold = ReturnType<typeof loadHold>;

/** Returns functions that hold the endless load of a testbed. `url` is that of the load's control port. */
export function loadHold(url: string, token: string | undefined) {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  let timer: Timer;
  let isHeld = false;
  const ask = (method: 'PUT' | 'DELETE', body?: object) =>
    withControl('load', url, token, (port) => port.request(method, '/hold', body, answerWithinMs));
  const renew = async () => (JSON.parse(await ask('PUT', { leaseMs })) as Held).isStill;
  const renewLater = () => {
    timer = systemClock.after(renewEveryMs, () => {
      renewLater();
      const check = (isStill: boolean) => isStill || lost.reject(new TestbedError('load-started', started));
      renew().then(check, () => undefined);
    });
  };
  return {
    /** Rejects with TestbedError if the load has started during the hold. */
    lost: lost.promise,
    /**
     * Resolves when nothing of the load is left. If the load doesn't run, does nothing. Calls `say` before a wait.
     * Rejects with TestbedError, or with the signal's reason if the signal aborts.
     */
    async begin(say: (line: string) => void, signal: AbortSignal): Promise<void> {
      let isStill = await renew().catch(unlessAbsent);
      if (isStill === undefined) return;
      isHeld = true;
      if (!isStill)
        say('Holding the load of the testbed, until nothing of it is left. It starts again later.');
      const giveUpAtMs = systemClock.now() + patienceMs;
      while (!isStill) {
        if (systemClock.now() > giveUpAtMs) throw new TestbedError('load-not-still', moving);
        await sleep(renewEveryMs, systemClock, signal);
        isStill = await renew();
      }
      renewLater();
    },
    /** Ends the hold, so that the load starts again. Rejects with TestbedError. */
    async end(): Promise<void> {
      systemClock.cancel(timer);
      if (isHeld) await ask('DELETE').catch(unlessAbsent);
    },
  };
}
