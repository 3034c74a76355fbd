import { join } from 'node:path';
import { sleep, systemClock } from '#kit/clock.ts';
import { Generator, processOf } from '#lab/agents/generator.ts';
import { controlsOf } from '#lab/testbed/control.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { serviceNames } from '#lab/topology/names.ts';
import type { Summary } from '#load/protocol.ts';
import { type Bench, benchFolder, type Figure, figure, median } from './figure.ts';
import { type Usage, usageOfChildren } from './usage.ts';

const secondsDefault = 600;
const everyMs = 1000;
/** Rate on each path. Both together are half the capacity of the dependency below. */
const ratePerSecond = 250;
const configs = {
  // Not idempotent, since both paths use the ids r0, r1 …: half of the requests would look like repetitions.
  downstream: { model: { kind: 'queue', servers: 16, serviceMs: 16 }, idempotent: false },
  gateway: { policies: [{ retry: { maxRetries: 2 } }, { timeout: { ms: 1000 } }] },
  publisher: { stream: { maxPending: 100_000 } },
  consumer: { concurrency: 64, policies: [{ timeout: { ms: 1000 } }] },
};
const changeMax = 0.1;
/** Allowed change in the number of sockets. Of the dozen of a process, one or two open and close with the requests. */
const socketsMax = 2;

/** Offers half of the capacity for ten minutes. Memory, sockets and files of every process must stop growing. */
export const bench: Bench = async (say, { amount: seconds = secondsDefault, seed }) => {
  using folder = benchFolder();
  const testbed = await startLocal({ logFolder: folder.path });
  const controls = controlsOf(testbed);
  const generators = (['rpc', 'event'] as const).map((path) => ({
    path,
    generator: new Generator(processOf({ logFile: join(folder.path, `${path}.log`), guard: testbed.guard })),
  }));
  try {
    // The consumer is last, since it needs the publisher's stream.
    for (const name of serviceNames) await controls[name].configure(configs[name]);
    const loads = Promise.all(
      generators.map(({ path, generator }) =>
        generator.run({
          path,
          url: path === 'rpc' ? testbed.traffic.gateway : testbed.traffic.publisher,
          natsUrl: testbed.natsUrl,
          natsCredentials: testbed.natsCredentials,
          connections: 1000,
          load: [{ arrivals: { kind: 'poisson', ratePerSecond, forMs: seconds * 1000 } }],
          seed,
          deadlineMs: 10_000,
          classes: {},
          drainMs: 10_000,
          recordFile: join(folder.path, `${path}.csv`),
        }),
      ),
    );
    const samples = await sampleFor(seconds, say);
    return figuresOf(samples, await loads, say);
  } finally {
    await Promise.all(generators.map(({ generator }) => generator.stop()));
    await Promise.all(serviceNames.map((name) => controls[name].close()));
    await testbed.stop();
  }
};

type Sample = ReadonlyMap<string, Usage>;

async function sampleFor(seconds: number, say: (text: string) => void): Promise<Sample[]> {
  const samples: Sample[] = [];
  const endMs = systemClock.now() + seconds * 1000;
  while (systemClock.now() < endMs) {
    await sleep(everyMs, systemClock);
    samples.push(usageOfChildren());
    if (samples.length % 60 === 0) say(`${samples.length} s`);
  }
  return samples;
}

const measures = {
  memory: ({ rssBytes }: Usage) => rssBytes,
  sockets: ({ sockets }: Usage) => sockets,
  files: ({ files }: Usage) => files,
};

/** Returns the medians of both halves of the last third of the values. */
function halvesOf(values: readonly number[]): { first: number; second: number } {
  const last = values.slice(-Math.ceil(values.length / 3));
  const half = Math.floor(last.length / 2);
  return { first: median(last.slice(0, half)), second: median(last.slice(half)) };
}

/** Returns the change between the halves in percent; for sockets in their number, since a process has few. */
function changeOf(measure: keyof typeof measures, values: readonly number[]): Omit<Figure, 'name'> {
  const { first, second } = halvesOf(values);
  const change = Math.abs(second - first);
  if (measure !== 'sockets')
    return { value: 100 * (change / first), unit: '%', target: { atMost: 100 * changeMax } };
  return { value: change, unit: '', target: { atMost: Math.max(socketsMax, Math.floor(changeMax * first)) } };
}

function figuresOf(
  samples: readonly Sample[],
  summaries: readonly Summary[],
  say: (text: string) => void,
): Figure[] {
  const names = [...samples[0]!.keys()];
  const changes = names.map((name) => {
    const usages = samples.flatMap((sample) => sample.get(name) ?? []);
    const { rssBytes, sockets, files } = usages.at(-1)!;
    const mb = [usages[0]!.rssBytes, rssBytes].map((bytes) => (bytes / 1024 ** 2).toFixed(0));
    say(`${name}: ${mb[0]} MB at first, ${mb[1]} in the end; ${sockets} sockets, ${files} files`);
    return { name, usages };
  });
  const unended = summaries.map(
    ({ outcomes, offered }) => offered - (outcomes.ok ?? 0) - (outcomes.failed ?? 0),
  );
  return [
    ...(['memory', 'sockets', 'files'] as const).flatMap((measure) =>
      changes.map(
        ({ name, usages }): Figure => ({
          name: `${measure} of ${name}, change in the last third`,
          ...changeOf(measure, usages.map(measures[measure])),
        }),
      ),
    ),
    figure('processes that did not last', lostOf(samples), '', { atMost: 0 }),
    figure('calls without an answer in time', unended[0]!, ''),
    figure('events without an end in time', unended[1]!, ''),
  ];
}

/** Returns the number of processes that are in the first sample but not in all later samples. */
const lostOf = (samples: readonly Sample[]): number =>
  [...samples[0]!.keys()].filter((name) => samples.some((sample) => !sample.has(name))).length;
