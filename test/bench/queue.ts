import { buildModel } from '#downstream/models.ts';
import { drawFor } from '#kit/random.ts';
import { requestId } from '#kit/wire.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { schedule } from '#load/phases.ts';
import { erlangC } from '#test/fixtures/erlang-c.ts';
import { type Bench, figure, mean } from './figure.ts';
import { oneRun } from './run.ts';

const seeds = [1, 2];
const servers = 16;
/** Enough servers that no attempt waits. */
const serversMany = 1000;
const serviceMs = 40;
/** Rate that keeps the servers busy for 80 % of the time. */
const perSecond = (0.8 * servers * 1000) / serviceMs;

const text = (seed: number, servers: number) => `
title: M/M/c
seed: ${seed}
deadlineMs: 10000
load: [{ arrivals: { kind: poisson, ratePerSecond: ${perSecond}, forMs: 60000 } }]
downstream: { model: { kind: queue, servers: ${servers}, serviceMs: ${serviceMs} } }
variants: { calls: { path: rpc } }
`;

/**
 * Measures the mean wait in the queue on real sockets: the mean latency with 16 servers minus the mean latency with
 * 1,000 servers, for the same arrivals and service times. Compares this wait with the wait that the model computes for
 * the same draws, since so few draws deviate from Erlang C by chance. With many draws, a test of the model
 * (test/unit/downstream/queue.test.ts) compares it with Erlang C.
 */
export const bench: Bench = async (say) => {
  const waits: number[] = [];
  const expectedWaits: number[] = [];
  for (const seed of seeds) {
    waits.push((await measuredMs(seed, servers)) - (await measuredMs(seed, serversMany)));
    expectedWaits.push(modelledMs(seed, servers) - modelledMs(seed, serversMany));
    say(
      `seed ${seed}: a mean wait of ${waits.at(-1)!.toFixed(2)} ms, of ${expectedWaits.at(-1)!.toFixed(2)} by the law`,
    );
  }
  const measured = mean(waits);
  const expected = mean(expectedWaits);
  return [
    figure('mean wait by Erlang C', erlangC(servers, serviceMs, perSecond), 'ms'),
    figure('mean wait of these arrivals and service times', expected, 'ms'),
    figure('mean wait, measured', measured, 'ms'),
    figure('off by', Math.abs(measured / expected - 1), 'of it', { atMost: 0.05 }),
  ];
};

async function measuredMs(seed: number, servers: number): Promise<number> {
  const [calls] = await oneRun(text(seed, servers));
  return calls!.latency!.meanMs;
}

/** Returns the mean latency that the model computes, without sockets and processes. */
function modelledMs(seed: number, servers: number): number {
  const { load, downstream } = parseExperiment(text(seed, servers), 'bench.yaml');
  let nowMs = 0;
  const clock = { now: () => nowMs };
  const model = buildModel(downstream.model, clock);
  const latencies = Array.from(schedule(load, seed), ({ index, scheduledAtMs }) => {
    nowMs = scheduledAtMs;
    return model(1, (purpose) => drawFor(seed, requestId(index), 1, purpose)).latencyMs;
  });
  return mean(latencies);
}
