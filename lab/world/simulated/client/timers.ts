import { AsyncResource } from 'node:async_hooks';
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { promisify } from 'node:util';
import { abortable, type Clock, type Timer } from '#kit/clock.ts';

/** Parts of the kernel that timers need. */
export interface TimerHost {
  /** Clock of the timers that the client starts from now on. */
  readonly clock: Clock;
  /** Pending timers that keep no process alive. */
  readonly unrefs: Set<object>;
  /** Returns false if only timers are left that keep no process alive. */
  isAlive(): boolean;
  /** Reports an error that a callback has thrown. */
  threw(error: unknown): void;
}

interface Started {
  readonly callback: (...args: unknown[]) => unknown;
  readonly args: readonly unknown[];
  readonly ms: number;
  readonly repeats?: boolean;
}

/** Timers of which the client has asked for the number, by this number. */
const numbered = new Map<number, Timeout>();

/** Timer with the methods of Node's Timeout. It keeps the async context, as an AsyncResource. */
class Timeout extends AsyncResource {
  readonly #host: TimerHost;
  readonly #clock: Clock;
  readonly #started: Started;
  /** Undefined if it is not pending. */
  #entry: Timer;
  #isCleared = false;
  #isRef = true;

  constructor(host: TimerHost, started: Started) {
    super('Timeout');
    this.#host = host;
    this.#clock = host.clock;
    this.#started = started;
    this.#schedule();
  }

  ref(): this {
    return this.#setRef(true);
  }

  unref(): this {
    return this.#setRef(false);
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  /** Starts the delay again, even after the callback has run. */
  refresh(): this {
    if (this.#isCleared) return this;
    this.#clock.cancel(this.#entry);
    this.#schedule();
    return this;
  }

  close(): this {
    this.#clock.cancel(this.#entry);
    this.#enter(undefined);
    this.#isCleared = true;
    numbered.delete(this.asyncId());
    return this;
  }

  [Symbol.toPrimitive](): number {
    if (!this.#isCleared) numbered.set(this.asyncId(), this);
    return this.asyncId();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #schedule(): void {
    this.#enter(this.#clock.after(this.#started.ms, () => this.#fire()));
  }

  #enter(entry: Timer): void {
    this.#entry = entry;
    this.#setRef(this.#isRef);
  }

  #fire(): void {
    const { callback, args, repeats } = this.#started;
    this.#enter(undefined);
    if (!this.#isRef && !this.#host.isAlive()) return;
    try {
      this.runInAsyncScope(callback, this, ...args);
    } catch (error) {
      this.#host.threw(error);
    }
    // The delay of an interval begins at the end of its callback, as in Node.
    if (repeats && !this.#isCleared && !this.#entry) this.#schedule();
  }

  #setRef(isRef: boolean): this {
    this.#isRef = isRef;
    const { unrefs } = this.#host;
    if (isRef || !this.#entry) unrefs.delete(this);
    else unrefs.add(this);
    return this;
  }
}

/** Longest delay of Node. It takes 1 ms for a longer or shorter one, or for none. */
const msMax = 2 ** 31 - 1;

function delayOf(ms: unknown): number {
  const number = Number(ms);
  return number >= 1 && number <= msMax ? Math.trunc(number) : 1;
}

function clear(timer: unknown): void {
  if (timer instanceof Timeout) timer.close();
  else if (typeof timer === 'number' || typeof timer === 'string') numbered.get(Number(timer))?.close();
}

/** Replaces the timers of this thread by timers of the host's clock. */
export function patchTimers(host: TimerHost): void {
  const start = (started: Started): Timeout => {
    if (typeof started.callback === 'function') return new Timeout(host, started);
    const error = new TypeError('The "callback" argument must be of type function');
    throw Object.assign(error, { code: 'ERR_INVALID_ARG_TYPE' });
  };
  const asPromises = promisesOf(start, () => host.clock.now());
  const custom = (asPromise: unknown) => ({ [promisify.custom]: asPromise });
  type Callback = Started['callback'];
  const patched = {
    setTimeout: Object.assign(
      (callback: Callback, ms?: unknown, ...args: unknown[]) => start({ callback, args, ms: delayOf(ms) }),
      custom(asPromises.setTimeout),
    ),
    setInterval: (callback: Callback, ms?: unknown, ...args: unknown[]) =>
      start({ callback, args, ms: delayOf(ms), repeats: true }),
    setImmediate: Object.assign(
      (callback: Callback, ...args: unknown[]) => start({ callback, args, ms: 0 }),
      custom(asPromises.setImmediate),
    ),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  for (const place of [globalThis, timers]) Object.assign(place, patched);
  const { scheduler, ...rest } = asPromises;
  Object.assign(promises, rest);
  for (const [name, value] of Object.entries(scheduler))
    Object.defineProperty(promises.scheduler, name, { value, configurable: true });
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController();
    const late = () =>
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    start({ callback: late, args: [], ms: delayOf(ms) }).unref();
    return controller.signal;
  };
}

interface PromiseOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

/** Returns the functions of timers/promises. */
function promisesOf(start: (started: Started) => Timeout, nowMs: () => number) {
  const after = <T>(ms: number, value: T, { signal, ref = true }: PromiseOptions = {}): Promise<T> => {
    const waited = abortable<T>(signal, (resolve) => {
      const timer = start({ callback: () => resolve(value), args: [], ms });
      if (!ref) timer.unref();
      return () => timer.close();
    });
    return signal ? waited.catch(throwAbortError) : waited;
  };
  // Ticks that are due while the client does something else follow at once, as in Node.
  async function* each<T>(ms: unknown, value: T, options?: PromiseOptions) {
    for (let dueMs = nowMs() + delayOf(ms); ; dueMs += delayOf(ms))
      yield await after(Math.max(0, dueMs - nowMs()), value, options);
  }
  return {
    setTimeout: <T>(ms?: unknown, value?: T, options?: PromiseOptions) => after(delayOf(ms), value, options),
    setInterval: each,
    setImmediate: <T>(value?: T, options?: PromiseOptions) => after(0, value, options),
    scheduler: {
      wait: (ms: unknown, options?: PromiseOptions) => after(delayOf(ms), undefined, options),
      yield: () => after(0, undefined),
    },
  };
}

function throwAbortError(cause: unknown): never {
  const error = new Error('The operation was aborted', { cause });
  throw Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}
