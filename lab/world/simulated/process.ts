import { Bag } from '#kit/bag.ts';
import { type Clock, sleep, type Timer } from '#kit/clock.ts';
import type { ProcessName } from '#lab/kit/topology/names.ts';

/** Time from the start of a process until it listens, as on a laptop. nats-server is one file, Node loads many. */
const startMs = (name: SimulatedName): number => (name === 'nats' ? 5 : 170);

/** Time after which a process that has to stop is killed, as in `runService`. */
const stopWithinMs = 30_000;

/**
 * Time in which a connection is refused. Median of `Connection` on a closed port of 127.0.0.1, 2,400 times one at a time
 * with pauses of 2 ms, on two cores with Linux 6.18 and Node 24 (p10 0.18, p90 0.34 to 0.63 ms).
 */
export const refusedMs = 0.21;

/** Request or connection that ends with the processes at its ends. */
export interface Open {
  /** Positions in the bags of the processes at both ends. */
  atClient?: number | undefined;
  atServer?: number | undefined;
  /** Number of the attempt that a call to downstream makes. */
  attempt?: number | undefined;
  clientEnded(): void;
  serverEnded(): void;
}

type Role = 'client' | 'server';

/** Process at one end of a connection. */
export interface Party {
  /** Calls `message` when the process reads it: at once, later if it is paused, or never if it has ended. */
  receive(message: () => void): void;
  opened(line: Open, as: Role): void;
  closed(line: Open, as: Role): void;
}

/** Process that accepts connections. */
export interface Listener {
  readonly isListening: boolean;
  /** Undefined if the process has ended. */
  readonly party: Party | undefined;
}

/** Process that never ends, such as the generator. */
export const reliable: Party = { receive: (message) => message(), opened() {}, closed() {} };

/** Clock and other means of a service in a simulated process. */
export interface Machine {
  readonly clock: Clock;
  /** This process, as the client of the connections that it opens. */
  readonly party: Party;
  /** Start of the process in ms of virtual time. */
  readonly startedAtMs: number;
  /** Stops the process for `ms`. */
  readonly halt: (ms: number) => void;
}

export interface Running {
  /** Called when the process accepts no more connections. */
  closing(): Promise<unknown>;
  /** Resolves when the service has completed its accepted work. */
  idle(): Promise<void>;
}

type SimulatedName = ProcessName | 'netproxy';

/**
 * Simulated process of a service. It can be paused, killed, stopped and started again. A new process begins with the
 * state that `start` gives it, and with no timers, connections or counters of the process before.
 */
export class SimulatedProcess<S extends Running> implements Listener {
  readonly name: SimulatedName;
  readonly #clock: Clock;
  readonly #start: Start<S>;
  #life!: Life;
  /** Service of the process, or of the ended process until a new one starts. */
  service!: S;
  /** True from the end of the start to the begin of a graceful stop. */
  #isServing = false;
  #isStarting = false;

  private constructor(name: SimulatedName, clock: Clock, start: Start<S>) {
    this.name = name;
    this.#clock = clock;
    this.#start = start;
  }

  /** Starts a process. `start` starts its service with a configuration. */
  static async start<S extends Running>(
    name: SimulatedName,
    clock: Clock,
    start: Start<S>,
  ): Promise<SimulatedProcess<S>> {
    const process = new SimulatedProcess(name, clock, start);
    await process.#begin({});
    return process;
  }

  get party(): Party | undefined {
    return this.#life.isOver ? undefined : this.#life;
  }

  /** True if the process accepts connections. A paused one does, since the system accepts them. */
  get isListening(): boolean {
    return !this.#life.isOver && this.#isServing;
  }

  /** Accepted requests whose clients wait for an answer. */
  get serving(): readonly Open[] {
    return this.#life.serving;
  }

  /** True if the process acts at once. */
  get isAwake(): boolean {
    return this.#life.isAwake;
  }

  /** Has the process act, at once or when it goes on. Rejects if the process ends before. */
  async ask<T>(act: () => T | Promise<T>): Promise<T> {
    const life = this.#life;
    if (this.#isStarting) throw new Error('the process does not listen yet');
    if (life.isAwake) return act();
    const acted = new Promise<T>((resolve) => life.receive(() => resolve((async () => act())())));
    return Promise.race([acted, life.ended]);
  }

  /** Kills the process, or stops it gracefully. Resolves when it has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    // nats-server closes its connections at once.
    if (signal === 'SIGTERM' && this.name !== 'nats') await this.#stop();
    this.#isServing = false;
    this.#life.end();
  }

  /** Starts an ended process again. Resolves when it listens. Does nothing if it has not ended. */
  async restart(config: unknown): Promise<void> {
    if (!this.#life.isOver) return;
    await sleep(startMs(this.name), this.#clock);
    await this.#begin(config);
  }

  pause(): void {
    this.#life.pause();
  }

  resume(): void {
    this.#life.resume();
  }

  async #stop(): Promise<void> {
    const life = this.#life;
    this.#isServing = false;
    const complete = async () => {
      await this.service.closing();
      await life.unserved();
      await this.service.idle();
    };
    const late = new AbortController();
    await Promise.race([complete(), sleep(stopWithinMs, this.#clock, late.signal).catch(() => undefined)]);
    late.abort();
  }

  async #begin(config: unknown): Promise<void> {
    this.#isStarting = true;
    const life = new Life(this.#clock);
    this.#life = life;
    const halt = (ms: number) => {
      life.pause();
      this.#clock.after(ms, () => life.resume());
    };
    const machine = { clock: life, party: life, startedAtMs: this.#clock.now(), halt };
    this.service = await this.#start(machine, config);
    this.#isServing = true;
    this.#isStarting = false;
  }
}

export type Start<S> = (machine: Machine, initial: unknown) => S | Promise<S>;

interface OwnTimer {
  callback: (() => void) | undefined;
  entry: Timer;
}

/** Time from the start to the end of a process. It is the clock of the process, and its end of connections. */
class Life implements Clock, Party {
  readonly #clock: Clock;
  readonly #lines = {
    client: new Bag<'atClient', Open>('atClient'),
    server: new Bag<'atServer', Open>('atServer'),
  };
  readonly #ended = Promise.withResolvers<never>();
  /** Rejects when the process ends. */
  readonly ended = this.#ended.promise;
  isOver = false;
  #isPaused = false;
  /** Timers that became due while the process was paused. */
  #due: (() => void)[] = [];
  /** Messages that arrived while the process was paused. */
  #inbox: (() => void)[] = [];
  /** Due timers and messages that a resumed process has yet to handle. */
  #overdue: (() => void)[] = [];
  #unserved = () => {};

  constructor(clock: Clock) {
    this.#clock = clock;
    this.ended.catch(() => undefined);
  }

  get isAwake(): boolean {
    return !this.isOver && !this.#isPaused && this.#overdue.length === 0;
  }

  get serving(): readonly Open[] {
    return this.#lines.server.items();
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, callback: () => void): OwnTimer {
    const timer: OwnTimer = { callback, entry: undefined };
    timer.entry = this.#clock.after(ms, () => {
      if (this.#isPaused) this.#due.push(() => timer.callback?.());
      else if (!this.isOver) timer.callback?.();
    });
    return timer;
  }

  wallTime(): Date {
    return this.#clock.wallTime();
  }

  cancel(timer: Timer): void {
    if (!timer) return;
    (timer as OwnTimer).callback = undefined;
    this.#clock.cancel((timer as OwnTimer).entry);
  }

  receive(message: () => void): void {
    if (this.isOver) return;
    if (this.#isPaused) this.#inbox.push(message);
    else if (this.#overdue.length > 0) this.#overdue.push(message);
    else message();
  }

  opened(line: Open, as: Role): void {
    this.#lines[as].add(line);
  }

  closed(line: Open, as: Role): void {
    this.#lines[as].remove(line);
    if (this.#lines.server.size === 0) this.#unserved();
  }

  pause(): void {
    this.#isPaused = true;
  }

  /** Continues. A process runs its overdue timers before it reads its sockets. */
  resume(): void {
    if (!this.#isPaused || this.isOver) return;
    this.#isPaused = false;
    this.#overdue = [...this.#overdue, ...this.#due, ...this.#inbox];
    this.#due = [];
    this.#inbox = [];
    this.#catchUp(this.#overdue);
  }

  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#ended.reject(new Error('the process has ended'));
    for (const line of this.#lines.client.items()) line.clientEnded();
    for (const line of this.#lines.server.items()) line.serverEnded();
  }

  /** Resolves when the process serves no request. */
  async unserved(): Promise<void> {
    if (this.#lines.server.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#unserved = resolve;
    });
  }

  /** Handles each event in a separate turn, so that promises settle between them. */
  #catchUp(overdue: (() => void)[]): void {
    if (this.isOver || this.#isPaused || overdue !== this.#overdue) return;
    overdue.shift()?.();
    if (overdue.length > 0) this.#clock.after(0, () => this.#catchUp(overdue));
  }
}
