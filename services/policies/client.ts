import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '#kit/clock.ts';
import { UpstreamError } from '#kit/http-client/posted.ts';
import type { Client, ClientRequest } from './declared.d.ts';
import { type Call, type Policy, Rejected, type Work } from './policy.ts';

/** Opens a client as a policy, with fresh state, for one call. */
export type OpenClient = () => Promise<Policy>;

/** Call that a client makes: its work, and the signal of its caller. */
interface Pending {
  readonly work: Work;
  readonly callers: AbortSignal;
}

/** Marks the signal that a request gave its client. A WeakMap in its place would cost a microsecond and a half a call. */
const pendingOf = Symbol('pending');

interface OwnSignal extends AbortSignal {
  [pendingOf]?: Pending;
}

/** Exports of a module by their names. */
export type Module = Readonly<Record<string, unknown>>;

/** Returns the client that a module exports as default. Throws TypeError if it is no function. */
export function exportedClient({ default: client }: Module, path = 'the module'): Client {
  if (typeof client === 'function') return client as Client;
  throw new TypeError(`expected ${path} to export a function as default, got ${typeof client}`);
}

/**
 * Calls the client's function with the dependency's address, and returns the client as a policy, for one call. A call that
 * the client ends without an attempt rejects with Rejected, any other that fails with UpstreamError. Rejects if the
 * client's function throws or returns no function.
 */
export async function openClient(client: Client, url: string, clock: Clock): Promise<Policy> {
  let next: Call;
  const current = new AsyncLocalStorage<Pending>();
  let sends = false;
  const send = async (signal?: AbortSignal, request?: ClientRequest): Promise<unknown> => {
    sends = true;
    const own = (signal as OwnSignal | undefined)?.[pendingOf];
    const pending = request ? (request.signal as OwnSignal)[pendingOf] : (own ?? current.getStore());
    if (!pending) throw new Error('send was called outside of a call: pass the request as second argument');
    // The caller's signal costs less than the one that was made of it for the client.
    const until = own === pending ? own.callers : (signal ?? new AbortController().signal);
    try {
      return JSON.parse(await next(pending.work, until));
    } catch (error) {
      throw failureOf(error);
    }
  };
  const call = await client({ url, send });
  if (typeof call !== 'function') throw new TypeError(`expected a function of a request, got ${typeof call}`);
  const guarded: Call = async (work, signal) => {
    const pending = { work, callers: signal };
    const request = new Request(pending, clock);
    const before = work.attempts;
    try {
      return JSON.stringify(await current.run(pending, call, request)) ?? 'null';
    } catch (error) {
      throw endOf(error, sends && work.attempts === before);
    } finally {
      request.end();
      // Attempts over the client's own HTTP are counted at the dependency.
      if (!sends) work.attempts += 1;
    }
  };
  return (inner) => {
    next = inner;
    return guarded;
  };
}

/** Request as a client gets it. What not every client reads is made on demand. */
class Request implements ClientRequest {
  readonly id: string;
  readonly timeLeftMs: number;
  readonly #pending: Pending;
  #signal: AbortSignal | undefined;
  #forward: (() => void) | undefined;

  constructor(pending: Pending, clock: Clock) {
    const { id, callerDeadlineAtMs } = pending.work;
    this.id = id;
    this.timeLeftMs = callerDeadlineAtMs === undefined ? Infinity : callerDeadlineAtMs - clock.now();
    this.#pending = pending;
  }

  get body(): unknown {
    return JSON.parse(this.#pending.work.body);
  }

  /** Signal of Node, since a client may pass it on to any function. */
  get signal(): AbortSignal {
    if (this.#signal) return this.#signal;
    const { callers } = this.#pending;
    const controller = new AbortController();
    const forward = () => controller.abort(callers.reason);
    if (callers.aborted) forward();
    else callers.addEventListener('abort', forward);
    this.#forward = forward;
    const signal: OwnSignal = controller.signal;
    signal[pendingOf] = this.#pending;
    this.#signal = signal;
    return signal;
  }

  end(): void {
    if (this.#forward) this.#pending.callers.removeEventListener('abort', this.#forward);
  }
}

/** Error of an attempt as a client gets it: a new one each time, since libraries add fields to errors. */
function failureOf(error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const { status, message, cause } = error;
  if (status === 0 && cause instanceof Error) return cause;
  return Object.assign(new Error(message), { status });
}

/** Returns the error of a call that a client ended with `error`. */
function endOf(error: unknown, isUntried: boolean): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (isUntried) return new Rejected('client', message);
  const { status } = Object(error) as { status?: unknown };
  return new UpstreamError(typeof status === 'number' ? status : 0, message, error);
}
