import { resolveName } from '#kit/http-client/replica-slots.ts';
import { addressOf } from '#kit/urls.ts';

const answerWithinMs = 5000;

/** Injects faults into all replicas of a service through their control ports. */
export class FaultClient {
  readonly #url: string;
  readonly #token: string;

  /** `url` is that of the control port, e.g. `http://downstream:8081`. */
  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /**
   * Injects a fault, in place of an active one of this name. The fault ends when its lease is over. Rejects with an
   * Error unless all replicas have accepted it.
   */
  begin(name: string, leaseMs: number, fault: object): Promise<void> {
    return this.#ask('PUT', name, { leaseMs, fault });
  }

  /** Clears a fault. Rejects with an Error unless all replicas have cleared it. */
  end(name: string): Promise<void> {
    return this.#ask('DELETE', name);
  }

  async #ask(method: 'PUT' | 'DELETE', name: string, body?: object): Promise<void> {
    const { host, port } = addressOf(this.#url);
    const ask = async (address: string) => {
      const answer = await fetch(`http://${address}:${port}/faults/${encodeURIComponent(name)}`, {
        method,
        headers: {
          ...(this.#token !== '' && { authorization: `Bearer ${this.#token}` }),
          ...(body && { 'content-type': 'application/json' }),
        },
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${host} refused the fault ${name}: ${text}`);
    };
    await Promise.all((await resolveName(host)).map(ask));
  }
}
