import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeLogins, makeSecret } from '#kit/broker/login.ts';
import { aborted, type Clock, systemClock } from '#kit/clock.ts';
import { type Program, titleOf } from '#lab/experiment/programs.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { type BrokerOptions, defaultBroker } from '#lab/kit/topology/broker-options.ts';
import { type ProcessName, type ServerName, serviceNames } from '#lab/kit/topology/names.ts';
import { type Replicas, serviceOf } from '#lab/kit/topology/replicas.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { type Child, type Command, describeEnding, reasonOf, startChild } from '#lab/world/process/launch.ts';
import { signalled } from '#lab/world/process/proc.ts';
import { temporaryFolder } from '#lab/world/process/temporary-folder.ts';
import {
  type Caller,
  type LocalAddresses,
  orStop,
  type StartOptions,
  type Testbed,
} from '#lab/world/testbed.ts';
import { LoopbackAddresses } from './addresses.ts';
import { natsServerCommand, serviceCommand } from './commands.ts';
import { freePorts } from './free-ports.ts';
import { ownCommand } from './own-command.ts';

/** Time until a downstream that stops is killed with its work: the callers of the testbed have ended. */
const abandonedMs = 1000;

type ChildName = ProcessName | 'netproxy';

interface LocalOptions extends StartOptions {
  /** Ports by process. Other processes get free ports. */
  readonly ports?: Partial<Record<ChildName, { traffic?: number; control?: number }>>;
  /** Folder for the files with the broker's logins. @default the testbed's temporary folder */
  readonly loginFolder?: string;
  /** Number of processes of each service. @default 1 */
  readonly replicas?: Partial<Replicas>;
  readonly clock?: Clock;
}

/**
 * Starts nats-server and the services as processes on this machine. Rejects with TestbedError or the signal's reason,
 * and then leaves nothing running.
 */
export async function startLocal(options: LocalOptions): Promise<Testbed & LocalAddresses> {
  const { signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  const testbed = new LocalTestbed(options);
  await orStop(testbed, Promise.race([testbed.start(), testbed.died, aborted(signal)]));
  return testbed;
}

const isServer = (name: ChildName): name is ServerName => serviceOf(name) === 'nats';

class LocalTestbed extends LoopbackAddresses implements Testbed {
  broker: BrokerOptions;
  readonly guard = new Guard();
  readonly #death = Promise.withResolvers<never>();
  /** Death of a caller that ran a program of the user. `startCaller` forgets it. */
  #programDeath = Promise.withResolvers<never>();
  readonly #options: LocalOptions;
  readonly #clock: Clock;
  readonly #folder = temporaryFolder('spillway-');
  readonly #logins = makeLogins();
  readonly natsCredentials = this.#logins.common;
  readonly consumerLoginFile: string;
  readonly #routeSecret = makeSecret();
  /** Addresses for the routes of the broker's servers. Each of several must know those of the others from its start. */
  #routes: ReadonlyMap<ServerName, string> = new Map();
  readonly #loginFiles: Readonly<Record<'publisher' | 'consumer', string>>;
  /** Programs of the user that run as callers of downstream. */
  readonly #programs = new Map<string, Program>();
  readonly #children = new Map<ChildName, Child>();
  readonly #expected = new Set<Child>();
  #stopped = false;

  constructor(options: LocalOptions) {
    const { broker = defaultBroker } = options;
    super(options.hops, { ...options.replicas, nats: broker.servers });
    const { logFolder, loginFolder = this.#folder, clock = systemClock } = options;
    this.broker = broker;
    this.#options = options;
    this.#clock = clock;
    this.#loginFiles = {
      publisher: join(loginFolder, 'broker-credentials'),
      consumer: join(loginFolder, 'consumer-credentials'),
    };
    this.consumerLoginFile = this.#loginFiles.consumer;
    this.#removeLogins(); // login files of an earlier testbed may be readable by other users
    // The logins are in files that only this user can read. Other users can see the arguments of a process.
    writeFileSync(this.#loginFiles.publisher, this.#logins.common, { mode: 0o600 });
    writeFileSync(this.#loginFiles.consumer, this.#logins.consumer, { mode: 0o600 });
    this.guard.folder(this.#folder);
    mkdirSync(logFolder, { recursive: true });
    this.died.catch(() => undefined); // no listener is no reason to crash
  }

  get died(): Promise<never> {
    return Promise.race([this.#death.promise, this.#programDeath.promise]);
  }

  port(name: ChildName, kind: 'traffic' | 'control' | 'client'): number | undefined {
    return this.#children.get(name)?.ports[kind];
  }

  async start(): Promise<void> {
    const { seed, hops = [] } = this.#options;
    await Promise.all([
      this.#startBroker(),
      ...this.processes('downstream').map((name) => this.#spawn(name)),
      ...(hops.length > 0 ? [this.#spawn('netproxy', { seed })] : []),
    ]);
    await this.placeProxies('nats', 'downstream');
    await Promise.all(this.processes(...serviceNames.slice(1)).map((name) => this.#spawn(name)));
    await this.placeProxies('gateway', 'publisher');
  }

  async #startBroker(): Promise<void> {
    const servers = this.processes('nats');
    if (servers.length > 1) {
      const routes = (await freePorts(servers.length)).map((port) => `127.0.0.1:${port}`);
      this.#routes = new Map(servers.map((name, index) => [name, routes[index]!]));
    }
    await Promise.all(servers.map((name) => this.#spawn(name)));
  }

  async end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child(name);
    this.#expected.add(child);
    child.kill(signal);
    await child.ended;
  }

  async restart(name: ProcessName, config: unknown): Promise<void> {
    if (!this.#expected.has(this.#child(name))) return; // it has not ended
    if (serviceOf(name) === 'nats') this.broker = config as BrokerOptions;
    await this.#spawn(name, config);
  }

  async startCaller(caller: Caller, program: Program | undefined): Promise<void> {
    if (program) this.#programs.set(caller, program);
    else this.#programs.delete(caller);
    this.#programDeath = Promise.withResolvers();
    this.died.catch(() => undefined);
    await Promise.all(
      this.processes(caller).map(async (name) => {
        const child = this.#child(name);
        this.#expected.add(child);
        await child.stop(); // a client may ignore SIGTERM, as in an endless loop
        await this.#spawn(name);
      }),
    );
  }

  pause(name: ProcessName): Promise<void> {
    return signalled(this.#child(name), 'SIGSTOP', this.#clock);
  }

  resume(name: ProcessName): Promise<void> {
    return signalled(this.#child(name), 'SIGCONT', this.#clock);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    // Processes that accept work stop first, and their dependencies last.
    for (const group of [['gateway', 'publisher'], ['consumer'], ['netproxy', 'downstream', 'nats']]) {
      const members = [...this.#children].filter(([name]) => group.includes(serviceOf(name)));
      for (const [, child] of members) this.#expected.add(child);
      const patienceMs = (name: ChildName) => (serviceOf(name) === 'downstream' ? abandonedMs : undefined);
      await Promise.all(members.map(([name, child]) => child.stop(patienceMs(name))));
    }
    this.#removeLogins();
    await this.guard.release();
  }

  #removeLogins(): void {
    for (const file of Object.values(this.#loginFiles)) rmSync(file, { force: true });
  }

  async #spawn(name: ChildName, config: unknown = {}): Promise<void> {
    if (this.#stopped)
      throw new TestbedError('stopped', `the testbed is stopped: ${name} is not started again`);
    const before = this.#children.get(name)?.ports;
    const started = await startChild(this.#command(name, config), this.guard, this.#clock);
    // A server of the user has no control port. Spillway's own service gets it back after that.
    const child = { ...started, ports: { ...before, ...started.ports } };
    this.#children.set(name, child);
    void child.ended.then((ending) => {
      if (this.#stopped || this.#expected.has(child)) return;
      const program = this.#programs.get(serviceOf(name));
      const runs = program ? `, which ran ${titleOf(program)},` : '';
      const left = program && 'command' in program && ending.code === 0;
      const hint = left ? ', but must stay in the foreground' : '';
      const reason = reasonOf(ending);
      const why = reason === undefined ? '' : `: ${reason}`;
      const how = `${name}${runs} ${describeEnding(ending)}${why}${hint}; its log is ${this.#logFile(name)}`;
      const death = program ? this.#programDeath : this.#death;
      death.reject(new TestbedError(`${name}-died`, how));
    });
  }

  #logFile(name: ChildName): string {
    return join(this.#options.logFolder, `${name}.log`);
  }

  #command(name: ChildName, config: unknown): Command {
    const logFile = this.#logFile(name);
    const ports: Child['ports'] = { ...this.#options.ports?.[name], ...this.#children.get(name)?.ports };
    if (isServer(name)) {
      const listen = this.#routes.get(name);
      const routes = [...this.#routes.values()].filter((route) => route !== listen);
      return natsServerCommand(
        ports.client ?? ports.traffic ?? -1,
        join(this.#folder, name.replace('nats', 'jetstream')),
        logFile,
        {
          sync: this.broker.sync,
          authorization: this.#logins.authorization,
          ...(listen && { member: { name, listen, routes }, routeSecret: this.#routeSecret }),
        },
      );
    }
    const service = serviceOf(name);
    const program = this.#programs.get(service);
    if (program && 'command' in program)
      return ownCommand({
        ...{ ...program, name, port: ports.traffic ?? 0 },
        dependency: this.calledBy(service).DOWNSTREAM_URL!,
        scratch: this.#folder,
        logs: resolve(this.#options.logFolder),
      });
    const env = {
      ...(program && 'client' in program && { CLIENT: program.client }),
      ...(service === 'downstream' && {
        EFFECTS_FILE: join(this.#folder, `${name.replace(service, 'effects')}.ndjson`),
      }),
      ...this.calledBy(service),
      ...((service === 'publisher' || service === 'consumer') && {
        NATS_CREDENTIALS_FILE: this.#loginFiles[service],
      }),
    };
    return serviceCommand(name, { config, ports: { traffic: 0, control: 0, ...ports }, env, logFile });
  }

  #child(name: ProcessName): Child {
    return this.#children.get(name)!;
  }
}
