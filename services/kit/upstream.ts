import type { LookupFunction } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import { systemClock } from './clock.ts';
import { type Resolve, Rotation } from './rotation.ts';
import { ofAttempt } from './traceparent.ts';
import { urlsIn } from './urls.ts';
import { headers } from './wire.ts';

/** An answer that is not a success or no JSON, or none at all (status 0). */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** What is posted. */
export interface Posted {
  readonly id: string;
  /** The JSON text. */
  readonly body: string;
  /** The number of this attempt, from 1. */
  readonly attempts: number;
  readonly class?: string | undefined;
  readonly traceparent?: string | undefined;
  /** What is left of the deadline, in ms, where there is one. */
  readonly timeoutMs?: number | undefined;
}

const responseBytesMax = 1024 * 1024;
const probeMs = 2000;

/** The one HTTP client towards a service: POSTs JSON over as many connections as there are calls under way, all replicas in turn. */
export class Upstream {
  readonly #rotation: Rotation;
  readonly #path: string;

  /**
   * `url` with the path to post to, e.g. `http://127.0.0.1:4000/work`, or several with the same path; `resolve` in the
   * place of the system's resolver.
   */
  constructor(url: string | readonly string[], resolve?: Resolve) {
    const urls = [url].flat().map((each) => new URL(each));
    this.#path = urls[0]!.pathname;
    this.#rotation = new Rotation(
      urls.map(({ origin }) => origin),
      openPool,
      resolve,
    );
  }

  /** Resolves with the JSON text of a 2xx answer, rejects with UpstreamError, or with the signal's reason when it aborts. */
  post(
    { id, body, attempts, class: ofClass, traceparent, timeoutMs }: Posted,
    signal: AbortSignal,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let status = 0;
      const chunks: Buffer[] = [];
      let bytes = 0;
      let controller: Dispatcher.DispatchController | undefined;
      const abort = () => {
        controller?.abort(signal.reason);
        reject(signal.reason); // also while there is no connection yet
      };
      const finish = () => signal.removeEventListener('abort', abort);
      signal.addEventListener('abort', abort, { once: true });
      const sent = [
        'content-type',
        'application/json',
        headers.requestId,
        id,
        headers.attempt,
        String(attempts),
      ];
      if (ofClass) sent.push(headers.class, ofClass);
      if (traceparent) sent.push(headers.traceparent, ofAttempt(traceparent, attempts));
      if (timeoutMs !== undefined) sent.push(headers.timeoutMs, String(timeoutMs));
      this.#rotation.next().dispatch(
        {
          method: 'POST',
          path: this.#path,
          body,
          headers: sent,
        },
        {
          onRequestStart(started) {
            controller = started;
            if (signal.aborted) abort();
          },
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(started, chunk) {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > responseBytesMax) started.abort(new Error('the answer is too large'));
          },
          onResponseEnd() {
            finish();
            if (status < 200 || status >= 300)
              return reject(new UpstreamError(status, `upstream answered ${status}`));
            const body = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
            if (isJson(body)) resolve(body);
            else reject(new UpstreamError(status, 'upstream answered what is no JSON'));
          },
          onResponseError(_controller, error) {
            finish();
            reject(
              signal.aborted ? signal.reason : new UpstreamError(0, 'upstream broke the connection', error),
            );
          },
        },
      );
    });
  }

  /** Why the upstream does not answer HTTP at all; nothing when one of its replicas does. */
  async unreachable(): Promise<string | undefined> {
    const patience = new AbortController();
    const late = new Error(`no answer within ${probeMs} ms`);
    const timer = systemClock.after(probeMs, () => patience.abort(late));
    const probe = async (replica: Dispatcher) => {
      const { body } = await replica.request({ method: 'GET', path: '/', signal: patience.signal });
      await body.dump();
    };
    try {
      await Promise.any(this.#rotation.all.map(probe));
      return undefined;
    } catch (error) {
      return `downstream does not answer: ${(error as AggregateError).errors[0].message}`;
    } finally {
      systemClock.cancel(timer);
      patience.abort(); // those that have not answered
    }
  }

  async close(): Promise<void> {
    await this.#rotation.close();
  }
}

/** What a service posts its work to. */
export const downstreamOf = (env: { readonly DOWNSTREAM_URL: string }): Upstream =>
  new Upstream(urlsIn(env.DOWNSTREAM_URL).map((url) => `${url}/work`));

function openPool(origin: string, address?: string): Pool {
  return new Pool(origin, {
    connections: null,
    pipelining: 1,
    // undici's own timeouts are useless below a second: deadlines are abort signals.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 600_000,
    keepAliveMaxTimeout: 600_000,
    // The name stays in the host header.
    ...(address !== undefined && { connect: { lookup: always(address) } }),
  });
}

const always =
  (address: string): LookupFunction =>
  (_hostname, { all }, found) =>
    all ? found(null, [{ address, family: 4 }]) : found(null, address, 4);

/** What a caller could do nothing with is no success, whatever its status says. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
