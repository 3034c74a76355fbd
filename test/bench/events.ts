import { percentiles } from '#lab/analysis/figures/figures.ts';
import { type Bench, type Figure, figure, inRounds, median } from './figure.ts';
import { Process } from './process.ts';
import { Rig } from './rig.ts';

/** Rates to try in this order. The search ends at the first rate that the event path sustains. */
const ratesPerSecond = [8000, 7000, 6000, 5500, 5000, 4000, 3000, 2000];
const events = 30_000;
/** Limit of the latency's p99: above it, events queue up, so the rate is too high. */
const latencyP99MsMax = 1000;
const concurrency = 64;
const connections = 4096;
const warmupEvents = 5000;

const rounds = 5;
/** Callers of the closed loop: enough to keep every process busy. */
const callers = 256;

const configs = {
  downstream: { model: { kind: 'fixed', latencyMs: 0 } },
  publisher: { stream: { maxPending: 2 * events } },
  consumer: { concurrency },
};

/** Returns the number of events that complete per second if a closed loop offers them. */
async function throughput(rig: Rig, url?: string): Promise<number> {
  const target = { path: 'event', ...(url !== undefined && { url }), connections: callers } as const;
  await rig.warm(target, warmupEvents, concurrency);
  const arrivals = { kind: 'constant', ratePerSecond: 10_000, forMs: events / 10 } as const;
  const { summary } = await rig.offer({ ...target, arrivals, callers });
  return ((summary.outcomes.ok ?? 0) * 1000) / summary.elapsedMs;
}

async function measureOwn(rig: Rig): Promise<number> {
  await rig.configure(configs);
  return throughput(rig);
}

/** Returns the throughput of `bare-loop.ts`, whose processes make only the steps of the event path. */
async function measureBare(rig: Rig): Promise<number> {
  await rig.configure({ ...configs, consumer: { paused: true } });
  const script = new URL('./bare-loop.ts', import.meta.url);
  const env = { NATS_CREDENTIALS: rig.consumerCredentials };
  await using server = Process.start(new URL('./bare-server.ts', import.meta.url), ['0']);
  await using consumer = Process.start(script, ['consumer', rig.natsUrl, await server.line()], [], env);
  await using publisher = Process.start(script, ['publisher', rig.natsUrl], [], env);
  await consumer.line();
  return await throughput(rig, await publisher.line());
}

/** Measures the event path: its throughput ÷ that of a bare loop of the same steps, and its highest sustained rate. */
export const bench: Bench = async (say) => {
  await using rig = await Rig.start();
  const all = await inRounds(
    rounds,
    async () => ({ bare: await measureBare(rig), own: await measureOwn(rig) }),
    say,
    ({ bare, own }) => `${own.toFixed(0)}/s, a bare loop ${bare.toFixed(0)}/s`,
  );
  return [
    figure('events ÷ a bare loop of the same steps', median(all.map(({ bare, own }) => own / bare)), '×', {
      atLeast: 0.7,
    }),
    await sustained(rig, say),
  ];
};

/** Finds the highest rate at which events are accepted and completed as fast as they are offered. */
async function sustained(rig: Rig, say: (text: string) => void): Promise<Figure> {
  const sustainedAt = (perSecond: number): Figure =>
    figure('events accepted and completed', perSecond, '/s', { atLeast: 5000 });
  await rig.configure(configs);
  await rig.warm({ path: 'event', connections }, warmupEvents, concurrency);
  for (const ratePerSecond of ratesPerSecond) {
    const forMs = (events / ratePerSecond) * 1000;
    await rig.configure(configs);
    const { summary, cpuUs, requests } = await rig.offer({
      path: 'event',
      arrivals: { kind: 'constant', ratePerSecond, forMs },
      connections,
    });
    const completed = summary.outcomes.ok ?? 0;
    const perSecond = (completed * 1000) / summary.elapsedMs;
    const p99Ms = percentiles((await requests()).completedMs())?.p99Ms ?? Number.POSITIVE_INFINITY;
    const cpu = Object.entries(cpuUs).map(([name, us]) => `${name} ${us.toFixed(0)}`);
    say(
      `${ratePerSecond}/s offered: ${completed} of ${events} completed, ${perSecond.toFixed(0)}/s, ` +
        `p99 ${p99Ms.toFixed(0)} ms; µs of CPU per event: ${cpu.join(', ')}`,
    );
    if (completed === events && p99Ms <= latencyP99MsMax) return sustainedAt(perSecond);
  }
  return sustainedAt(0);
}
