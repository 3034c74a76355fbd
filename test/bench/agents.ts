import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { processFleet } from '#lab/agents/fleet.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { type Bench, benchFolder, figure, inRounds, median } from './figure.ts';
import { Process } from './process.ts';

const rounds = 3;
/** Callers of each agent. They keep it busy all the time, so that it offers as much as it can. */
const callersEach = 64;
const requestsEach = 150_000;
const requestsMax = 1_000_000;
const forMs = 60_000;

interface Measured {
  readonly perSecond: number;
  /** CPU time per request in µs, of the agents and of the server. */
  readonly agentUs: number;
  readonly serverUs: number;
}

/**
 * Measures the rate that 1, 2 … agents offer to a bare server, up to the number of cores. Agents and server share the
 * cores, so the rate is limited by all their CPU time per request. The target is the rate of one agent times their
 * number, up to this limit.
 */
export const bench: Bench = async (say, { amount }) => {
  const cores = availableParallelism();
  const most = amount ?? Math.max(2, cores);
  const curve: Measured[] = [];
  for (let agents = 1; agents <= most; agents++) {
    const textOf = ({ perSecond, agentUs, serverUs }: Measured) =>
      `${agents} agents: ${Math.round(perSecond)}/s, CPU ${agentUs.toFixed(1)} µs in agents and ${serverUs.toFixed(1)} µs in the server`;
    const all = await inRounds(rounds, () => measure(agents), say, textOf);
    const of = (field: keyof Measured) => median(all.map((each) => each[field]));
    curve.push({
      perSecond: of('perSecond'),
      agentUs: of('agentUs'),
      serverUs: of('serverUs'),
    });
  }
  const [one] = curve;
  return curve.map(({ perSecond, agentUs, serverUs }, index) => {
    const agents = index + 1;
    const limit = (cores * 1e6) / (agentUs + serverUs);
    const name = `offered by ${agents} of ${cores} cores`;
    if (index === 0) return figure(name, perSecond, 'per s');
    const predicted = Math.min(agents * one!.perSecond, limit);
    const ok = perSecond >= 0.85 * predicted;
    return figure(name, perSecond, 'per s', { predicted, tolerance: '− 15 %', ok });
  });
};

/** Offers as many requests as agents can in a closed loop. */
async function measure(agents: number): Promise<Measured> {
  using folder = benchFolder();
  await using server = Process.start(new URL('./echo.ts', import.meta.url), ['0']);
  const url = `http://127.0.0.1:${await server.line()}`;
  const guard = new Guard();
  const generator = await processFleet(agents).open({ logFolder: folder.path, guard, env: {} });
  try {
    const callers = agents * callersEach;
    const target = { path: 'rpc' as const, url, connections: callers };
    await generator.warm({ ...target, requests: agents * 20_000, concurrency: callers });
    const before = await cpuUsOf(server);
    const recordFile = join(folder.path, 'requests.csv');
    const total = Math.min(requestsMax, agents * requestsEach);
    const arrivals = { kind: 'bursts' as const, total, size: total, everyMs: forMs, spreadMs: 0 };
    const run = { ...target, callers, seed: 1, deadlineMs: forMs, drainMs: 0, classes: {} };
    const { cpuMs, offered, elapsedMs } = await generator.run({ ...run, load: [{ arrivals }], recordFile });
    const serverUs = ((await cpuUsOf(server)) - before) / offered;
    return {
      perSecond: (offered * 1000) / elapsedMs,
      agentUs: (cpuMs * 1000) / offered,
      serverUs,
    };
  } finally {
    await generator.stop();
    await guard.release();
  }
}

async function cpuUsOf(server: Process): Promise<number> {
  server.send('');
  return Number(await server.line());
}
