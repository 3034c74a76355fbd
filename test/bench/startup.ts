import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { root } from '#kit/process/installation.ts';
import { buildPackage } from '#lab/build/package/build-package.ts';
import { serviceCommand } from '#lab/world/local/commands.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { nodeOptions } from '#lab/world/process/bundle.ts';
import { startChild } from '#lab/world/process/launch.ts';
import { type Program, testbedPrograms } from '#lab/world/process/programs.ts';
import { type Bench, benchFolder, type Figure, figure, median } from './figure.ts';

const rounds = 7;
/** The machine may be busier in some rounds than in others. */
const tolerance = 1.1;
const services = ['downstream', 'gateway', 'publisher', 'consumer', 'netproxy'] as const;

/** Ways to start the same program. */
interface Way {
  readonly name: 'package' | 'sources';
  readonly command: string;
  /** Arguments of Node for a process of the testbed. */
  readonly args: (program: Program) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Measures how long each process, the command and a whole testbed take to start from the package and from the sources.
 * The first round is left out, since it fills caches.
 */
export const bench: Bench = async (say) => {
  using folder = benchFolder();
  const ways = [await packaged(join(folder.path, 'package')), fromSources(join(folder.path, 'sources'))];
  const testbed = await startLocal({ logFolder: join(folder.path, 'logs') });
  const took = new Map<string, number[]>();
  const measure = async (what: string, start: () => Promise<unknown>) => {
    const startedAtMs = systemClock.now();
    const after = await start();
    took.set(what, [...(took.get(what) ?? []), systemClock.now() - startedAtMs]);
    return after;
  };
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const way of ways) await measureWay(way, measure);
      if (round === 0) took.clear();
      say(`round ${round} of ${rounds}`);
    }
  } finally {
    await testbed.stop();
  }
  return figuresOf(took);

  async function measureWay({ name, command, args, env: ofWay }: Way, measureOne: typeof measure) {
    for (const service of services) {
      const env = {
        ...ofWay,
        DOWNSTREAM_URL: testbed.traffic.downstream,
        NATS_URL: testbed.natsUrl,
        ...(service === 'consumer' && { NATS_CREDENTIALS_FILE: testbed.consumerLoginFile! }),
        ...(service === 'publisher' && {
          NATS_CREDENTIALS_FILE: join(testbed.consumerLoginFile!, '../broker-credentials'),
        }),
      };
      const logFile = join(folder.path, `${service}.log`);
      const usual = serviceCommand(service, { config: {}, ports: { traffic: 0, control: 0 }, env, logFile });
      const child = startChild({ ...usual, args: args(service) }, testbed.guard);
      await measureOne(`${service} from the ${name}`, () => child);
      await (await child).stop();
    }
    const env = { ...process.env, ...ofWay, SPILLWAY_STATE: join(folder.path, 'state') };
    const run = (...given: string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [command, ...given], { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${given.join(' ')} ended with ${status}: ${stderr}`);
    };
    await measureOne(`spillway --help from the ${name}`, async () => run('--help'));
    await measureOne(`spillway up from the ${name}`, async () => run('up', '--port-base', '4700'));
    run('down');
  }
};

/** Returns a figure for each thing that was started, with that from the sources as the target. */
const figuresOf = (took: ReadonlyMap<string, readonly number[]>): Figure[] =>
  [...took].sort().map(([what, tookMs]) => {
    const sources = took.get(what.replace('package', 'sources'))!;
    const target = { atMost: Math.round(median(sources) * tolerance) };
    return figure(what, median(tookMs), 'ms', what.endsWith('package') ? target : undefined);
  });

async function packaged(out: string): Promise<Way> {
  await buildPackage(out);
  const dist = join(out, 'dist');
  return {
    name: 'package',
    command: join(out, 'bin/spillway.cjs'),
    env: { NODE_COMPILE_CACHE: join(out, 'compiled') }, // the command sets it, but not in this folder
    args: (program) => [
      ...nodeOptions,
      ...['--import', join(dist, 'mapped-stacks.js'), join(dist, `${program}.js`)],
    ],
  };
}

/** Copies the checkout without the builder of bundles, so that all processes run from the sources. */
function fromSources(copy: string): Way {
  mkdirSync(copy);
  const parts = ['package.json', 'services', 'load', 'lab', 'experiments', 'prometheus', 'docker', '.env'];
  for (const part of parts) cpSync(join(root, part), join(copy, part), { recursive: true });
  rmSync(join(copy, 'lab/world/process/build-bundle.ts'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return {
    name: 'sources',
    command: join(copy, 'lab/main.ts'),
    env: {},
    args: (program) => [...nodeOptions, join(copy, testbedPrograms[program])],
  };
}
