import { abortable, type Clock, deadline, systemClock, type Timer } from '#kit/clock.ts';
import { addressOf, isIP, urlsIn } from '#kit/urls.ts';
import { headers } from '#kit/wire.ts';
import { type HttpClient, httpClient, type Message } from './client.ts';
import { type Posted, settling } from './posted.ts';
import { type Resolve, resolveName } from './replica-slots.ts';

const probe: Message = { method: 'GET', path: '/', headers: [], body: '' };
const probeMs = 2000;

/** Posts JSON to a service. Its replicas take turns. */
export class Upstream {
  readonly #path: string;
  readonly #rotation: ReturnType<typeof rotationOf<HttpClient>>;

  /**
   * `url` includes the path of the requests, e.g. `http://127.0.0.1:4000/work`. If there are several, they must have
   * the same path. `resolve` replaces the system's resolver.
   */
  constructor(url: string | readonly string[], resolve?: Resolve) {
    const urls = [url].flat().map((each) => new URL(each));
    this.#path = urls[0]!.pathname;
    const origins = urls.map(({ origin }) => origin);
    this.#rotation = rotationOf(origins, httpClient, resolve);
  }

  /** Resolves with the JSON text of a 2xx answer. Rejects with UpstreamError, or the reason of the aborted signal. */
  post(posted: Posted, signal: AbortSignal): Promise<string> {
    const message: Message = {
      method: 'POST',
      path: this.#path,
      headers: headersOf(posted),
      body: posted.body,
    };
    return abortable(signal, (resolve, reject) =>
      this.#rotation.next().send(message, settling(resolve, reject)),
    );
  }

  /** Resolves with undefined if a replica answers over HTTP, otherwise with the reason why none does. */
  async unreachable(): Promise<string | undefined> {
    const probing = new AbortController();
    const answer = (client: HttpClient) =>
      abortable<void>(probing.signal, (resolve, reject) =>
        client.send(probe, { answered: () => resolve(), broken: reject }),
      );
    try {
      await deadline(Promise.any(this.#rotation.all().map(answer)), probeMs, systemClock);
      return undefined;
    } catch (error) {
      const reason = error instanceof AggregateError ? error.errors[0] : error;
      return `downstream does not answer: ${reason.message}`;
    } finally {
      probing.abort(); // probes without an answer
    }
  }

  async close(): Promise<void> {
    this.#rotation.destroy();
  }
}

function headersOf({ id, attempts, class: ofClass, traceparent, timeoutMs }: Posted): string[] {
  const sent = ['content-type', 'application/json', headers.requestId, id, headers.attempt, String(attempts)];
  if (ofClass) sent.push(headers.class, ofClass);
  if (traceparent) sent.push(headers.traceparent, traceparent);
  if (timeoutMs !== undefined) sent.push(headers.timeoutMs, String(timeoutMs));
  return sent;
}

export const downstreamOf = (env: { readonly DOWNSTREAM_URL: string }): Upstream =>
  new Upstream(urlsIn(env.DOWNSTREAM_URL).map((url) => `${url}/work`));

/** Client of one replica. */
type Closable = Pick<HttpClient, 'close' | 'destroy'>;
/** Opens a client for an origin. The client connects to `address` if given, otherwise it resolves the name. */
type Open<C> = (origin: string, address?: string) => C;
const lookupEveryMs = 1000;

/** Shares requests evenly among the origins, such as `http://downstream:8080`, or all addresses of their names. */
export function rotationOf<C extends Closable>(
  origins: readonly string[],
  open: Open<C>,
  resolve: Resolve = resolveName,
  clock: Clock = systemClock,
) {
  let all: readonly C[] = [];
  let turn = 0;
  const changed = () => {
    all = opened.flatMap(({ replicas }) => replicas());
  };
  const opened = origins.map((origin) => openOrigin(origin, open, resolve, clock, changed));
  changed();
  return {
    all: () => all,
    next(): C {
      turn = (turn + 1) % all.length;
      return all[turn]!;
    },
    destroy(): void {
      for (const origin of opened) origin.destroy();
    },
  };
}

/**
 * Follows the replicas behind one host name by looking the name up every second. Otherwise keep-alive connections would
 * stay with the replica that was found first, and never use a new replica.
 */
function openOrigin<C extends Closable>(
  origin: string,
  open: Open<C>,
  resolve: Resolve,
  clock: Clock,
  changed: () => void,
) {
  const byAddress = new Map<string, C>();
  const leaving = new Set<C>();
  /** Client while the name has at most one known address. */
  const single = open(origin);
  let timer: Timer;
  let isClosed = false;

  const update = (addresses: readonly string[]) => {
    for (const address of addresses)
      if (!byAddress.has(address)) byAddress.set(address, open(origin, address));
    for (const [address, replica] of byAddress) {
      if (addresses.includes(address)) continue;
      byAddress.delete(address);
      leaving.add(replica);
      // close() resolves after the requests in flight have ended.
      void replica.close().finally(() => leaving.delete(replica));
    }
    changed();
  };
  const look = async (hostname: string) => {
    // If the name can't be looked up, the known replicas stay in use, since they may still run.
    const addresses = await resolve(hostname).catch(() => undefined);
    if (isClosed) return;
    if (addresses) update(addresses.length > 1 ? addresses : []);
    timer = clock.after(lookupEveryMs, () => void look(hostname));
  };
  const { host } = addressOf(origin);
  if (!isIP(host)) void look(host);

  return {
    replicas: () => (byAddress.size > 0 ? [...byAddress.values()] : [single]),
    destroy() {
      isClosed = true;
      clock.cancel(timer);
      for (const replica of [single, ...byAddress.values(), ...leaving]) replica.destroy();
    },
  };
}
