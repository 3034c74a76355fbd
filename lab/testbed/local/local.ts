import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { unbreakable } from '#lab/testbed/engine.ts';
import { aborted } from '#lab/testbed/process/aborted.ts';
import { type Child, type Command, startChild } from '#lab/testbed/process/child.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { describeEnding } from '#lab/testbed/process/launch.ts';
import { Proxies } from '#lab/testbed/proxies.ts';
import type { LocalAddresses, Testbed } from '#lab/testbed/testbed.ts';
import { type BrokerOptions, defaultBroker } from '#lab/topology/broker-options.ts';
import type { Hop } from '#lab/topology/hops.ts';
import { type ProcessName, serviceNames } from '#lab/topology/names.ts';
import { type Replicas, serviceOf } from '#lab/topology/replicas.ts';
import { OnLoopback } from './addresses.ts';
import { BrokerLogins } from './broker-logins.ts';
import { natsServerCommand } from './nats-server.ts';
import { findPrometheus, prometheusCommand } from './prometheus.ts';
import { serviceCommand } from './service-command.ts';
import { signalled } from './signalled.ts';

type ChildName = ProcessName | 'prometheus' | 'netproxy';

interface Options {
  /** Where the processes' logs go. */
  readonly logFolder: string;
  /** Ports by process; free ones where not named. Prometheus runs too where it has one and is installed. */
  readonly ports?: Partial<Record<ChildName, { traffic?: number; control?: number }>>;
  /** Folder for the files with the broker's logins. By default the testbed's temporary folder. */
  readonly loginFolder?: string;
  /** Number of processes of each service. By default 1. */
  readonly replicas?: Partial<Replicas>;
  /** Where a proxy stands, and the seed of its chance. */
  readonly hops?: readonly Hop[];
  readonly seed?: number;
  /** Hears of the end of what the testbed can do without. */
  readonly onLoss?: (message: string) => void;
  /** Ends the start. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Starts nats-server and the services as processes on this machine. Rejects with TestbedError or the signal's reason,
 * nothing left running.
 */
export async function startLocal(options: Options): Promise<Testbed & LocalAddresses> {
  const { signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  const testbed = new LocalTestbed(options);
  try {
    await Promise.race([testbed.start(), testbed.died, aborted(signal)]);
    return testbed;
  } catch (error) {
    await testbed.stop().catch(() => undefined); // the first reason is the one to tell
    throw error;
  }
}

const shared = unbreakable('processes on this machine share its network');

/** A testbed of processes on this machine. */
class LocalTestbed implements Testbed {
  readonly died: Promise<never>;
  broker: BrokerOptions = defaultBroker;
  readonly disconnect = shared.disconnect;
  readonly reconnect = shared.reconnect;
  readonly #options: Options;
  readonly #clock: Clock;
  readonly guard = new Guard();
  readonly #folder = mkdtempSync(join(tmpdir(), 'spillway-'));
  readonly #logins: BrokerLogins;
  readonly #proxies: Proxies;
  readonly #at: OnLoopback;
  readonly #children = new Map<ChildName, Child>();
  readonly #expected = new Set<Child>();
  #stopped = false;
  #reportDeath: (error: TestbedError) => void = () => undefined;

  constructor(options: Options) {
    this.#options = options;
    this.#logins = new BrokerLogins(options.loginFolder ?? this.#folder);
    this.#proxies = new Proxies(options.hops ?? []);
    this.#at = new OnLoopback(
      (name, kind) => this.#children.get(name)?.ports[kind],
      this.#proxies,
      options.replicas,
    );
    this.#clock = options.clock ?? systemClock;
    this.guard.folder(this.#folder);
    mkdirSync(options.logFolder, { recursive: true });
    this.died = new Promise((_, reject) => {
      this.#reportDeath = reject;
    });
    // Whoever does not listen must not be killed by it.
    this.died.catch(() => undefined);
  }

  get natsUrl(): string {
    return this.#at.natsUrl;
  }

  get natsCredentials(): string {
    return this.#logins.common;
  }

  get consumerLoginFile(): string {
    return this.#logins.file('consumer');
  }

  get control(): LocalAddresses['control'] {
    return this.#at.control;
  }

  get traffic(): LocalAddresses['traffic'] {
    return this.#at.traffic;
  }

  get netproxyUrl(): string | undefined {
    return this.#at.netproxyUrl;
  }

  get prometheusUrl(): string | undefined {
    return this.#at.prometheusUrl;
  }

  async start(): Promise<void> {
    const { hops = [], seed } = this.#options;
    await Promise.all([
      this.#spawn('nats'),
      ...this.#at.processes('downstream').map((name) => this.#spawn(name)),
      ...(hops.length > 0 ? [this.#spawn('netproxy', { seed })] : []),
    ]);
    await this.#proxies.put(this.netproxyUrl, this.#at.taken('nats', 'downstream'));
    await Promise.all(this.#at.processes(...serviceNames.slice(1)).map((name) => this.#spawn(name)));
    await this.#proxies.put(this.netproxyUrl, this.#at.taken('gateway', 'publisher'));
    if (this.#options.ports?.prometheus && findPrometheus())
      await this.#spawn('prometheus').catch((error) => this.#lose('prometheus', error));
  }

  async end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child(name);
    this.#expected.add(child);
    child.kill(signal);
    await child.ended;
  }

  async restart(name: ProcessName, config: unknown): Promise<void> {
    const hasEnded = this.#expected.has(this.#child(name));
    if (!hasEnded) return;
    if (name === 'nats') this.broker = config as BrokerOptions;
    await this.#spawn(name, config);
  }

  pause(name: ProcessName): Promise<void> {
    return signalled(this.#child(name), 'SIGSTOP', this.#clock);
  }

  resume(name: ProcessName): Promise<void> {
    return signalled(this.#child(name), 'SIGCONT', this.#clock);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // Those that take work in stop first, what they depend on last.
    for (const group of [
      ['prometheus', 'gateway', 'publisher'],
      ['consumer'],
      ['netproxy', 'downstream', 'nats'],
    ]) {
      const names = [...this.#children.keys()].filter((name) => group.includes(serviceOf(name)));
      await Promise.all(names.map((name) => this.#stop(name)));
    }
    this.#logins.forget();
    await this.guard.release();
  }

  async #stop(name: ChildName): Promise<void> {
    const child = this.#children.get(name);
    if (!child) return;
    this.#expected.add(child);
    await child.stop();
  }

  async #spawn(name: ChildName, config: unknown = {}): Promise<void> {
    if (this.#stopped)
      throw new TestbedError('stopped', `the testbed is stopped: ${name} is not started again`);
    const child = await startChild(this.#command(name, config), this.guard, this.#clock);
    this.#children.set(name, child);
    void child.ended.then((ending) => {
      if (this.#stopped || this.#expected.has(child)) return;
      const how = `${name} ${describeEnding(ending)}; its log is ${this.#logFile(name)}`;
      this.#lose(name, new TestbedError(`${name}-died`, how));
    });
  }

  /** Prometheus only watches: the testbed does without it. */
  #lose(name: ChildName, error: TestbedError): void {
    if (name !== 'prometheus') {
      this.#reportDeath(error);
    } else if (!this.#stopped) {
      this.#children.delete(name);
      this.#options.onLoss?.(`${error.message}. The testbed goes on without Prometheus.`);
    }
  }

  #logFile(name: ChildName): string {
    return join(this.#options.logFolder, `${name}.log`);
  }

  #command(name: ChildName, config: unknown): Command {
    const logFile = this.#logFile(name);
    const before = this.#children.get(name)?.ports;
    const wanted = this.#options.ports?.[name];
    if (name === 'nats') {
      return natsServerCommand(
        before?.client ?? wanted?.traffic ?? -1,
        join(this.#folder, 'jetstream'),
        logFile,
        this.broker,
        this.#logins.authorization,
      );
    }
    if (name === 'prometheus') {
      return prometheusCommand(findPrometheus()!, wanted?.traffic ?? 0, this.control, this.#folder, logFile);
    }
    const service = serviceOf(name);
    const ports = {
      traffic: before?.traffic ?? wanted?.traffic ?? 0,
      control: before?.control ?? wanted?.control ?? 0,
    };
    const env = {
      ...(service === 'downstream' && {
        EFFECTS_FILE: join(this.#folder, `${name.replace(service, 'effects')}.ndjson`),
      }),
      ...this.#at.calledBy(service),
      ...((service === 'publisher' || service === 'consumer') && {
        NATS_CREDENTIALS_FILE: this.#logins.file(service),
      }),
    };
    return serviceCommand(name, { config, ports, env, logFile });
  }

  #child(name: ProcessName): Child {
    const child = this.#children.get(name);
    if (!child) throw new TestbedError(`${name}-missing`, `${name} has not been started`);
    return child;
  }
}
