import { join } from 'node:path';
import { deleteStreams } from '#kit/broker/broker.ts';
import type { NatsBroker } from '#kit/broker/nats.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Configs } from '#lab/experiment/configs.ts';
import { type ServiceName, serviceNames } from '#lab/experiment/topology/names.ts';
import { Generator, processOf } from '#lab/world/agents/generator.ts';
import { controlsOf } from '#lab/world/control.ts';
import type { Controls } from '#lab/world/controls.ts';
import { startLocal } from '#lab/world/local/local.ts';
import type { Testbed } from '#lab/world/testbed.ts';
import type { Phase } from '#load/phases.ts';
import type { Summary } from '#load/protocol.ts';
import { benchFolder } from './figure.ts';

/** Results of an offered load. */
interface Measured {
  readonly summary: Summary;
  readonly cpuUs: CpuUs;
}

/** CPU time (user and system) per request sent. */
export type CpuUs = Readonly<Record<ServiceName | 'generator', number>>;

interface Target {
  readonly path: 'rpc' | 'event';
  /** URL to send to. Default: the gateway or the publisher. */
  readonly url?: string;
}

interface Offer {
  readonly arrivals: Phase['arrivals'];
}

const connections = 512;

/** Testbed of real processes with a load generator, for measurements. */
export class Rig {
  readonly #folder: ReturnType<typeof benchFolder>;
  readonly #testbed: Testbed;
  readonly #generator: Generator;
  readonly #broker: NatsBroker;
  readonly #controls: Controls;

  static async start(): Promise<Rig> {
    const folder = benchFolder();
    const testbed = await startLocal({ logFolder: folder.path });
    return new Rig(folder, testbed, await connectBroker(testbed.natsUrl, 'bench', testbed.natsCredentials));
  }

  private constructor(folder: ReturnType<typeof benchFolder>, testbed: Testbed, broker: NatsBroker) {
    this.#folder = folder;
    this.#testbed = testbed;
    this.#broker = broker;
    this.#generator = new Generator(
      processOf({ logFile: join(folder.path, 'generator.log'), guard: testbed.guard }),
    );
    this.#controls = controlsOf(testbed);
  }

  /** Deletes streams and effects, and configures all services. A service without a configuration gets the defaults. */
  async configure(configs: Partial<Configs>): Promise<void> {
    await deleteStreams(this.#broker);
    // The consumer is last, since it needs the stream that the publisher creates.
    for (const name of serviceNames) await this.#controls[name].configure(configs[name] ?? {});
    await this.#controls.downstream.request('DELETE', '/effects');
  }

  /** Opens the connections and sends requests that are not measured. */
  async warm(target: Target, requests = 5000, concurrency = 16): Promise<void> {
    const { unfinished } = await this.#generator.warm({ ...this.#target(target), requests, concurrency });
    if (unfinished > 0)
      throw new Error(`${unfinished} of ${requests} requests of the warm-up came to no end`);
  }

  /** Offers a load and waits for its end. */
  async offer(offer: Target & Offer): Promise<Measured> {
    const before = await this.#scrape();
    const summary = await this.#generator.run({
      ...this.#target(offer),
      load: [{ arrivals: offer.arrivals }],
      seed: 1,
      deadlineMs: 60_000,
      classes: {},
      drainMs: 30_000,
      recordFile: '/dev/null',
    });
    const after = await this.#scrape();
    const cpuUs = (name: ServiceName) =>
      ((cpuSeconds(after[name]) - cpuSeconds(before[name])) * 1e6) / sentOf(summary);
    return {
      summary,
      cpuUs: {
        generator: (summary.cpuMs * 1000) / sentOf(summary),
        downstream: cpuUs('downstream'),
        gateway: cpuUs('gateway'),
        publisher: cpuUs('publisher'),
        consumer: cpuUs('consumer'),
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#generator.stop();
    await this.#broker.close();
    await Promise.all(serviceNames.map((name) => this.#controls[name].close()));
    await this.#testbed.stop();
    this.#folder.remove();
  }

  #target({ path, url }: Target) {
    const { traffic, natsUrl, natsCredentials } = this.#testbed;
    const service = path === 'rpc' ? traffic.gateway : traffic.publisher;
    return { path, url: url ?? service, natsUrl, natsCredentials, connections };
  }

  async #scrape(): Promise<Record<ServiceName, Samples>> {
    const scrapes = serviceNames.map(async (name) => [name, await this.#controls[name].scrape()]);
    return Object.fromEntries(await Promise.all(scrapes));
  }
}

/** Returns the number of requests that were sent. On a busy machine, some requests find no free connection. */
export const sentOf = ({ offered, outcomes }: Summary): number => offered - (outcomes.unsent ?? 0);

const cpuSeconds = (samples: Samples): number => total(samples, 'process_cpu_seconds_total');
