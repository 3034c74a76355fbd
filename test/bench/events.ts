import type { Bench, Figure } from './figure.ts';
import { Process } from './process.ts';
import { Rig } from './rig.ts';

/** The search ends at the first that is sustained. */
const ratesPerSecond = [8000, 7000, 6000, 5500, 5000, 4000, 3000, 2000];
const events = 30_000;
/** Beyond, events queue up: the rate is too high. */
const latencyP99MsMax = 1000;
const concurrency = 64;
const connections = 4096;

/** How fast events go through the same stream from a process that only publishes to one that only takes them, per second. */
async function measureBare(rig: Rig): Promise<number> {
  const script = new URL('./bare-events.ts', import.meta.url);
  const args = [rig.natsUrl, String(events)];
  const env = { NATS_CREDENTIALS: rig.natsCredentials };
  await using taker = Process.start(script, ['take', ...args], [], env);
  await using publisher = Process.start(script, ['publish', ...args], [], env);
  await Promise.all([taker.line(), publisher.line()]);
  const startedAt = performance.now();
  for (const one of [taker, publisher]) one.send('go');
  await taker.line();
  return (events * 1000) / (performance.now() - startedAt);
}

/** The highest rate at which events are accepted and completed as fast as they are offered. */
export const bench: Bench = async (say) => {
  await using rig = await Rig.start();
  const configs = {
    downstream: { model: { kind: 'fixed', latencyMs: 0 } },
    publisher: { stream: { maxPending: 2 * events } },
    consumer: { concurrency },
  };
  await rig.configure(configs);
  await rig.configure({ ...configs, consumer: { paused: true } });
  const bare = await measureBare(rig);
  say(`bare publishing and taking: ${bare.toFixed(0)}/s`);
  const figures = (perSecond: number): Figure[] => [
    { name: 'events accepted and completed', value: perSecond, unit: '/s', target: { atLeast: 5000 } },
    { name: 'bare publishing and taking', value: bare, unit: '/s' },
  ];
  await rig.configure(configs);
  await rig.warm({ path: 'event', connections }, 20_000, concurrency);
  for (const ratePerSecond of ratesPerSecond) {
    const forMs = (events / ratePerSecond) * 1000;
    await rig.configure(configs);
    const { summary, cpuUs } = await rig.offer({
      path: 'event',
      arrivals: { kind: 'constant', ratePerSecond, forMs },
      connections,
    });
    const completed = summary.outcomes.ok ?? 0;
    const perSecond = (completed * 1000) / summary.elapsedMs;
    const cpu = Object.entries(cpuUs).map(([name, us]) => `${name} ${us.toFixed(0)}`);
    say(
      `${ratePerSecond}/s offered: ${completed} of ${events} completed, ${perSecond.toFixed(0)}/s, ` +
        `p99 ${summary.latency?.p99Ms.toFixed(0)} ms; µs of CPU per event: ${cpu.join(', ')}`,
    );
    if (completed === events && summary.latency!.p99Ms <= latencyP99MsMax) return figures(perSecond);
  }
  return figures(0);
};
