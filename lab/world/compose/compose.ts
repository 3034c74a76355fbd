import { mkdirSync, writeFileSync } from 'node:fs';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { type BrokerOptions, defaultBroker, syncInterval } from '#lab/kit/topology/broker-options.ts';
import { type ProcessName, type ServiceName, serviceNames } from '#lab/kit/topology/names.ts';
import { namesOf, serviceOf } from '#lab/kit/topology/replicas.ts';
import { Control } from '#lab/world/control.ts';
import { Guard } from '#lab/world/process/guard.ts';
import type { Launched } from '#lab/world/process/launch.ts';
import { untilListening, untilReady } from '#lab/world/readiness.ts';
import { orStop, type StartOptions, type Testbed } from '#lab/world/testbed.ts';
import { containersLog, docker, pause, requireCompose, unpause, watchContainerEnds } from './docker.ts';
import { addressesOf, detourPort, freeRanges, type Project, projectOf } from './project.ts';

type ContainerName = ProcessName | 'netproxy';
const [trafficPort, controlPort, natsPort] = [8080, 8081, 4222];

/**
 * Starts the testbed of docker-compose.yml as a separate project. Rejects with TestbedError or the signal's reason, and
 * then leaves nothing running.
 */
export async function startCompose(options: StartOptions): Promise<Testbed> {
  const { signal } = options;
  await requireCompose(signal);
  const testbed = new ComposeTestbed(options);
  await orStop(testbed, testbed.start(signal));
  return testbed;
}

interface Container {
  readonly id: string;
  readonly networks: Readonly<Record<string, string>>;
}

class ComposeTestbed implements Testbed {
  controlToken = '';
  natsCredentials = '';
  readonly #death = Promise.withResolvers<never>();
  readonly died = this.#death.promise;
  broker: BrokerOptions;
  readonly guard = new Guard();
  readonly #logFolder: string;
  readonly #project: Project;
  readonly #containers = new Map<ContainerName, Container>();
  /** Option with which each server's container was created. */
  readonly #syncs = new Map<ProcessName, BrokerOptions['sync']>();
  readonly #expected = new Set<string>();
  /** Functions that revoke the guard's clean-up commands. They are called when the project has been removed. */
  readonly #revocations: readonly (() => void)[];
  #ranges: Readonly<Record<string, string>> = {};
  #events: Launched | undefined;

  constructor({ logFolder, broker = defaultBroker, ...layout }: StartOptions) {
    this.#logFolder = logFolder;
    this.broker = broker;
    this.#project = projectOf({ ...layout, servers: namesOf('nats', broker.servers) });
    mkdirSync(logFolder, { recursive: true });
    this.died.catch(() => undefined); // no listener is no reason to crash
    this.#revocations = this.#project.removal(0).map((args) => this.guard.command(['docker', ...args]));
  }

  get control(): Readonly<Record<ServiceName, string>> {
    const urls = serviceNames.map((name) => [name, this.#url(name, controlPort)]);
    return Object.fromEntries(urls) as Record<ServiceName, string>;
  }

  get traffic(): Testbed['traffic'] {
    return { gateway: this.#offered('gateway'), publisher: this.#offered('publisher') };
  }

  get netproxyUrl(): string | undefined {
    return this.#project.isProxied ? this.#url('netproxy', controlPort) : undefined;
  }

  get natsUrl(): string {
    return this.#project.servers.map((name) => this.#clientUrl(name)).join(',');
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    const { servers, isProxied } = this.#project;
    const names = [...servers, ...serviceNames, ...(isProxied ? (['netproxy'] as const) : [])];
    const options = { signal, guard: this.guard };
    await docker(this.#project.compose('build', 'secrets'), options);
    await docker(this.#project.compose('pull', '--quiet', '--policy', 'missing', 'nats'), options);
    // Chosen just before their use, since another network may take them at any time.
    this.#ranges = await freeRanges(this.#project.name, signal);
    await this.#up(['--no-build', ...names], signal);
    for (const name of servers) this.#syncs.set(name, this.broker.sync);
    for (const name of names) await this.#inspect(name, signal);
    const read = async (name: ServiceName, file: string) =>
      (await docker(this.#project.compose('exec', '--no-TTY', name, 'cat', file), { signal })).trim();
    this.controlToken = await read('gateway', '/run/spillway/control-token');
    this.natsCredentials = await read('publisher', '/run/broker/credentials');
    await Promise.all(names.map((name) => this.#untilReady(name)));
    this.#events = watchContainerEnds(this.#project.name, this.#logFolder, this.guard, (name, error) => {
      if (name === undefined || !this.#expected.has(name)) this.#death.reject(error);
    });
  }

  async end(name: ProcessName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { id } = this.#container(name);
    this.#expected.add(name);
    await docker(['kill', '--signal', signal, id]);
    await docker(['wait', id]);
  }

  async restart(name: ProcessName, config: unknown): Promise<void> {
    if (serviceOf(name) === 'nats') this.broker = config as BrokerOptions;
    const { sync } = this.broker;
    if (serviceOf(name) === 'nats' && sync !== this.#syncs.get(name)) {
      // The environment of a container can't be changed, so this creates a new container with the same data.
      await this.#up(['--no-deps', name]);
      this.#syncs.set(name, sync);
    } else {
      await docker(['start', this.#container(name).id]);
    }
    await this.#sameAddress(name);
    this.#expected.delete(name);
    await this.#untilReady(name);
  }

  pause(name: ProcessName): Promise<void> {
    return pause(this.#container(name).id);
  }

  resume(name: ProcessName): Promise<void> {
    return unpause(this.#container(name).id);
  }

  async stop(): Promise<void> {
    await this.#events?.stop();
    const logs = await docker(this.#project.compose('logs', '--no-color', '--timestamps')).catch(String);
    try {
      for (const args of this.#project.removal(10)) await docker(args);
      for (const revoke of this.#revocations) revoke();
    } finally {
      await this.guard.release();
      // Written last, since writing fails on a full disk.
      writeFileSync(containersLog(this.#logFolder), logs);
    }
  }

  async #up(args: readonly string[], signal?: AbortSignal): Promise<void> {
    const env = { ...this.#ranges, ...this.#project.env, NATS_SYNC_INTERVAL: syncInterval(this.broker) };
    const log = containersLog(this.#logFolder);
    await docker(this.#project.compose('up', '--wait', ...args), { signal, env, guard: this.guard, log });
  }

  async #inspect(name: ContainerName, signal?: AbortSignal): Promise<Container> {
    const id = (await docker(this.#project.compose('ps', '--quiet', '--all', name), { signal })).trim();
    const container = { id, networks: await addressesOf(id, signal) };
    this.#containers.set(name, container);
    return container;
  }

  /**
   * Waits until a container is ready. Asks from outside, since a health check inside would use CPU time of the
   * container.
   */
  async #untilReady(name: ContainerName): Promise<void> {
    if (serviceOf(name) === 'nats') await untilListening(name, this.#clientUrl(name), { withinMs: 20_000 });
    else await untilReady(name, new Control(name, this.#url(name, controlPort), this.controlToken));
  }

  /** Rejects if the address of a container has changed, since other services would reconnect to its old address. */
  async #sameAddress(name: ProcessName): Promise<void> {
    const before = this.#container(name);
    const after = await this.#inspect(name);
    if (JSON.stringify(before.networks) === JSON.stringify(after.networks)) return;
    throw new TestbedError('address-changed', `${name} restarted with another address`);
  }

  #container(name: ContainerName): Container {
    return this.#containers.get(name)!;
  }

  /** Returns the URL to which the generator sends the load: that of the hop's proxy, if there is one. */
  #offered(name: 'gateway' | 'publisher'): string {
    const hop = `load->${name}` as const;
    return this.#project.hops.includes(hop)
      ? this.#url('netproxy', detourPort(hop))
      : this.#url(name, trafficPort);
  }

  #clientUrl(server: ContainerName): string {
    return this.#url(server, natsPort, 'nats');
  }

  #url(name: ContainerName, port: number, protocol = 'http'): string {
    const [address = ''] = Object.values(this.#container(name).networks);
    return `${protocol}://${address}:${port}`;
  }
}
