import { systemClock } from '#kit/clock.ts';
import { ofAttempt } from '#kit/http/traceparent.ts';
import { urlsIn } from '#kit/urls.ts';
import { headers } from '#kit/wire.ts';
import { abortable } from './abortable.ts';
import type { HttpClient } from './client.ts';
import { LightClient } from './light.ts';
import type { HttpClientName } from './option.ts';
import { type Resolve, Rotation } from './rotation.ts';
import { UndiciClient } from './undici.ts';

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

const probeMs = 2000;

const clients: Record<HttpClientName, new (origin: string, address?: string) => HttpClient> = {
  light: LightClient,
  undici: UndiciClient,
};

/** Posts JSON to all replicas of a service in turn. */
export class Upstream {
  readonly #path: string;
  readonly #open: (client: HttpClientName) => Rotation<HttpClient>;
  readonly #rotations = new Map<HttpClientName, Rotation<HttpClient>>();
  #rotation: Rotation<HttpClient>;

  /**
   * `url` with the path to post to, e.g. `http://127.0.0.1:4000/work`, or several with the same path; `resolve` in the
   * place of the system's resolver.
   */
  constructor(url: string | readonly string[], resolve?: Resolve) {
    const urls = [url].flat().map((each) => new URL(each));
    this.#path = urls[0]!.pathname;
    const origins = urls.map(({ origin }) => origin);
    this.#open = (client) =>
      new Rotation<HttpClient>(origins, (origin, address) => new clients[client](origin, address), resolve);
    this.#rotation = this.#rotationOf('light');
  }

  /** Makes the next requests with this client; those under way keep theirs. */
  use(client: HttpClientName = 'light'): void {
    this.#rotation = this.#rotationOf(client);
  }

  /** Resolves with the JSON text of a 2xx answer, rejects with UpstreamError, or with the signal's reason when it aborts. */
  post(posted: Posted, signal: AbortSignal): Promise<string> {
    const post = { path: this.#path, headers: headersOf(posted), body: posted.body };
    return abortable(signal, (resolve, reject) =>
      this.#rotation.next().post(post, {
        answered(status, body) {
          if (status < 200 || status >= 300) reject(new UpstreamError(status, `upstream answered ${status}`));
          else if (isJson(body)) resolve(body);
          else reject(new UpstreamError(status, 'upstream answered what is no JSON'));
        },
        broken: (reason) => reject(new UpstreamError(0, 'upstream broke the connection', reason)),
      }),
    );
  }

  /** Why the upstream does not answer HTTP at all; nothing when one of its replicas does. */
  async unreachable(): Promise<string | undefined> {
    const patience = new AbortController();
    const late = new Error(`no answer within ${probeMs} ms`);
    const timer = systemClock.after(probeMs, () => patience.abort(late));
    try {
      await Promise.any(this.#rotation.all.map((client) => client.probe(patience.signal)));
      return undefined;
    } catch (error) {
      return `downstream does not answer: ${(error as AggregateError).errors[0].message}`;
    } finally {
      systemClock.cancel(timer);
      patience.abort(); // those that have not answered
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#rotations.values()].map((rotation) => rotation.close()));
  }

  #rotationOf(client: HttpClientName): Rotation<HttpClient> {
    const rotation = this.#rotations.get(client) ?? this.#open(client);
    this.#rotations.set(client, rotation);
    return rotation;
  }
}

function headersOf({ id, attempts, class: ofClass, traceparent, timeoutMs }: Posted): string[] {
  const sent = ['content-type', 'application/json', headers.requestId, id, headers.attempt, String(attempts)];
  if (ofClass) sent.push(headers.class, ofClass);
  if (traceparent) sent.push(headers.traceparent, ofAttempt(traceparent, attempts));
  if (timeoutMs !== undefined) sent.push(headers.timeoutMs, String(timeoutMs));
  return sent;
}

/** What a service posts its work to. */
export const downstreamOf = (env: { readonly DOWNSTREAM_URL: string }): Upstream =>
  new Upstream(urlsIn(env.DOWNSTREAM_URL).map((url) => `${url}/work`));

/** What a caller could do nothing with is no success, whatever its status says. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
