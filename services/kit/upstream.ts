import type { LookupFunction } from 'node:net';
import { buildConnector, type Client, type Dispatcher } from 'undici';
import { ClientStack } from './client-stack.ts';
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

/** The one HTTP client towards a service: POSTs JSON to all replicas in turn, over a ClientStack for each. */
export class Upstream {
  readonly #rotation: Rotation<ClientStack>;
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
      openStack,
      resolve,
    );
  }

  /** Resolves with the JSON text of a 2xx answer, rejects with UpstreamError, or with the signal's reason when it aborts. */
  post(posted: Posted, signal: AbortSignal): Promise<string> {
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
      signal.addEventListener('abort', abort, { once: true });
      const stack = this.#rotation.next();
      stack.take((client) => {
        const end = (after: 'answer' | 'error') => {
          stack.give(client, after);
          signal.removeEventListener('abort', abort);
        };
        if (signal.aborted) return end('answer');
        client.dispatch(
          { method: 'POST', path: this.#path, body: posted.body, headers: headersOf(posted) },
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
              end('answer');
              if (status < 200 || status >= 300)
                return reject(new UpstreamError(status, `upstream answered ${status}`));
              const body = (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString();
              if (isJson(body)) resolve(body);
              else reject(new UpstreamError(status, 'upstream answered what is no JSON'));
            },
            onResponseError(_controller, error) {
              end('error');
              reject(
                signal.aborted ? signal.reason : new UpstreamError(0, 'upstream broke the connection', error),
              );
            },
          },
        );
      });
    });
  }

  /** Why the upstream does not answer HTTP at all; nothing when one of its replicas does. */
  async unreachable(): Promise<string | undefined> {
    const patience = new AbortController();
    const late = new Error(`no answer within ${probeMs} ms`);
    const timer = systemClock.after(probeMs, () => patience.abort(late));
    try {
      await Promise.any(this.#rotation.all.map((stack) => probe(stack, patience.signal)));
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

function headersOf({ id, attempts, class: ofClass, traceparent, timeoutMs }: Posted): string[] {
  const sent = ['content-type', 'application/json', headers.requestId, id, headers.attempt, String(attempts)];
  if (ofClass) sent.push(headers.class, ofClass);
  if (traceparent) sent.push(headers.traceparent, ofAttempt(traceparent, attempts));
  if (timeoutMs !== undefined) sent.push(headers.timeoutMs, String(timeoutMs));
  return sent;
}

/** Resolves with any answer. */
async function probe(stack: ClientStack, signal: AbortSignal): Promise<void> {
  const client = await new Promise<Client>((resolve) => stack.take(resolve));
  let after: 'answer' | 'error' = 'error';
  try {
    const { body } = await client.request({ method: 'GET', path: '/', signal });
    await body.dump();
    after = 'answer';
  } finally {
    stack.give(client, after);
  }
}

/** What a service posts its work to. */
export const downstreamOf = (env: { readonly DOWNSTREAM_URL: string }): Upstream =>
  new Upstream(urlsIn(env.DOWNSTREAM_URL).map((url) => `${url}/work`));

function openStack(origin: string, address?: string): ClientStack {
  // The name stays in the host header.
  const options = address === undefined ? {} : { lookup: always(address) };
  return new ClientStack(origin, buildConnector(options as buildConnector.BuildOptions));
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
