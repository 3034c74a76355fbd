import { afterAll, beforeAll, test } from 'vitest';
import type { applicationFaults } from '#downstream/faults/config.ts';
import type { NatsBroker } from '#kit/broker/nats.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { finishedSubject } from '#kit/wire.ts';
import { total } from '#lab/evidence/samples.ts';
import type { FaultContext } from '#lab/experiment/faults/injectable.ts';
import { kindOf } from '#lab/experiment/faults/kinds.ts';
import type { processFaults } from '#lab/experiment/faults/processes.ts';
import { hops } from '#lab/kit/topology/hops.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { controlsOf } from '#lab/world/control.ts';
import { type Controls, processesIn } from '#lab/world/controls.ts';
import { startLocal } from '#lab/world/local/local.ts';
import type { Testbed } from '#lab/world/testbed.ts';
import type { networkFaults } from '#netproxy/faults/config.ts';

import { folders } from '#test/support/folder.ts';

import { send } from '#test/support/send.ts';
import { until } from '#test/support/until.ts';

// A fault stays active until a request has shown its effect, so no test depends on the speed of the machine.
const newFolder = folders();
const timeoutMs = 300;
const configs = {
  downstream: {
    model: { kind: 'congestion', capacityRps: 10_000, failureRatio: 0, overloadFailureRatio: 0 },
  },
  gateway: { policies: [{ timeout: { ms: timeoutMs } }] },
  publisher: { publishTimeoutMs: timeoutMs },
  consumer: {
    ackWaitMs: 1000,
    policies: [{ timeout: { ms: timeoutMs } }],
    redelivery: { maxRetries: 100, backoff: { kind: 'constant', delayMs: 50 } },
  },
};

let testbed: Testbed;
let controls: Controls;
let broker: NatsBroker;
let context: FaultContext;
/** Ids of the completed events. */
const completed = new Set<string>();

beforeAll(async () => {
  testbed = await startLocal({ logFolder: newFolder(), hops, replicas: { consumer: 2 } });
  controls = controlsOf(testbed);
  for (const name of serviceNames) await controls[name].configure(configs[name]);
  broker = await connectBroker(testbed.natsUrl, 'test', testbed.natsCredentials);
  broker.subscribe(finishedSubject, {
    callback(_error, message) {
      const { id, outcome } = message.json<{ id: string; outcome: string }>();
      if (outcome === 'ok') completed.add(id);
    },
  });
  context = { testbed, controls };
});

afterAll(async () => {
  await broker.close();
  for (const name of serviceNames) await controls[name].close();
  await controls.netproxy?.close();
  await testbed.stop();
});

let requests = 0;

/** Sends a request to a service. Resolves with the status, 0 without an answer, and the time that it took. */
async function sent(to: 'gateway' | 'publisher', id = `r${requests++}`) {
  const path = to === 'gateway' ? '/rpc' : '/events';
  const startMs = performance.now();
  const status = await send('POST', testbed.traffic[to] + path, { id }).then(
    async (answer) => ((await answer.text()) === '' ? 0 : answer.status),
    () => 0,
  );
  return { id, ok: status >= 200 && status < 300, ms: performance.now() - startMs };
}

const callFails = async () => !(await sent('gateway')).ok;
const callOfPoisonFails = async () => !(await sent('gateway', 'poisoned')).ok && (await sent('gateway')).ok;
/** A timer of Node may fire 1 ms early. */
const callTakes = (ms: number) => async () => (await sent('gateway')).ms >= ms - 1;
const affected = async (kind: string) => {
  const name = 'spillway_fault_affected_total';
  return total(await controls.downstream.scrape([name]), name, `kind="${kind}"`) > 0;
};
const publishFails = async () => !(await sent('publisher')).ok;

/** Returns a sign that is true once a process is not ready or doesn't answer. */
const isUnready = (name: ServiceProcess) => async () =>
  (await controls[serviceOf(name)].processes.get(name)!.unready().catch(String)) !== undefined;

async function eventIsTriedAgain() {
  const retries = async () =>
    total(await controls.consumer.scrape(['spillway_retries_total']), 'spillway_retries_total');
  const before = await retries();
  await sent('publisher');
  return until(async () => (await retries()) > before);
}

interface Case {
  readonly target: string;
  readonly options?: object;
  /** Kind of another fault of the target, without which this one has no effect. */
  readonly beside?: object;
  /** Resolves with true if the fault has its effect. It is asked until then. */
  readonly sign: () => Promise<boolean>;
}
type Cases<K extends object> = Record<keyof K, Case | Case[]>;

const toDownstream = 'gateway->downstream';

/** A case for each kind, so that a new kind without one doesn't compile. */
const ofDownstream: Cases<typeof applicationFaults> = {
  freeze: { target: 'downstream', sign: callFails },
  brownout: { target: 'downstream', options: { capacityFactor: 0.0001 }, sign: callTakes(200) },
  latency: { target: 'downstream', options: { added: { kind: 'fixed', ms: 200 } }, sign: callTakes(200) },
  failure: { target: 'downstream', sign: callFails },
  poison: { target: 'downstream', options: { ids: ['poisoned'] }, sign: callOfPoisonFails },
  'slow-errors': {
    target: 'downstream',
    options: { ms: 200 },
    beside: { kind: 'failure' },
    sign: callTakes(200),
  },
  malformed: { target: 'downstream', sign: callFails },
  reset: { target: 'downstream', sign: callFails },
  hang: { target: 'downstream', sign: callFails },
};

const ofHops: Cases<typeof networkFaults> = {
  latency: { target: toDownstream, options: { latencyMs: 100 }, sign: callTakes(200) },
  bandwidth: { target: toDownstream, options: { kilobytesPerSecond: 0 }, sign: callFails },
  blackhole: { target: toDownstream, sign: callFails },
  reset: { target: toDownstream, sign: callFails },
  down: [
    { target: 'load->gateway', sign: callFails },
    { target: 'load->publisher', sign: publishFails },
    { target: 'publisher->nats', sign: publishFails },
    { target: 'consumer->nats', sign: isUnready('consumer-1') },
    { target: 'consumer->downstream', sign: eventIsTriedAgain },
  ],
};

/** Downstream counts no attempts of faults that act on its process or on the load that its model sees. */
const isCounted = (kind: string, target: string) =>
  target === 'downstream' && kind in ofDownstream && !['freeze', 'brownout'].includes(kind);

const ofProcesses: Cases<typeof processFaults> = {
  kill: [
    { target: 'gateway', sign: callFails },
    { target: 'consumer-2', sign: isUnready('consumer-2') },
    { target: 'downstream', sign: callFails },
    { target: 'nats', sign: publishFails },
  ],
  stop: { target: 'consumer-1', sign: isUnready('consumer-1') },
  pause: { target: 'downstream', sign: callFails },
};

const cases = [ofDownstream, ofHops, ofProcesses].flatMap((group) =>
  Object.entries<Case | Case[]>(group).flatMap(([kind, some]) =>
    [some].flat().map((each) => [kind, each.target, each] as const),
  ),
);

test.each(cases)('%s of %s has its effect, and none once it is cleared', async (kind, target, one) => {
  const { options = {}, beside, sign } = one;
  const faults = [beside, { kind, ...options }].filter((each) => each !== undefined);
  const over = new AbortController();
  const injected = faults.map((options, index) => {
    const found = kindOf({ target, fault: options } as never);
    const config = configs[serviceOf(target) as ServiceName] ?? {};
    const forMs = kind === 'freeze' ? 2 * timeoutMs : 600_000;
    return { kind: found, injection: { name: `f${index}`, target, forMs, options, config } as never };
  });
  const begin = async () => {
    for (const { kind, injection } of injected) await kind.begin(context, injection);
  };
  // A slow machine alone could fail a call or delay it.
  const isSeen = async () => (await sign()) && (!isCounted(kind, target) || (await affected(kind)));
  // A freeze can't be cleared before its lease ends, so its lease is short. It may end before a call begins.
  const again = async () => void (kind === 'freeze' && (await begin()));
  try {
    await begin();
    const during = injected.map(({ kind, injection }) => kind.during?.(context, injection, over.signal));
    await until(async () => (await isSeen()) || again(), 'the effect', 60_000);
    over.abort();
    await Promise.all(during);
  } finally {
    over.abort();
    for (const { kind, injection } of injected.toReversed()) await kind.end(context, injection);
  }
  const isWell = async () => (await sent('gateway')).ok && (await sent('gateway', 'poisoned')).ok;
  await until(isWell, 'a call that succeeds', 60_000);
  for (const [name] of processesIn(controls))
    await until(async () => !(await isUnready(name)()), `${name} is ready`, 60_000);
  // Without a connection this test would miss the completion.
  await until(() => broker.rtt().catch(() => 0), 'a connection to the broker', 60_000);
  const accepted = async () => {
    const { ok, id } = await sent('publisher');
    return ok ? id : undefined;
  };
  const id = await until(accepted, 'an accepted event', 60_000);
  await until(() => completed.has(id), 'its completion', 60_000);
});
