import type { ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { expect, test, vi } from 'vitest';
import { loginOf } from '#kit/broker/login.ts';
import { names } from '#kit/broker/names.ts';
import { finishedSubject, requestId } from '#kit/wire.ts';
import { stallCheck } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { describeCheck } from '#lab/show/verdict.ts';
import { Control } from '#lab/world/control.ts';
import { Generator, type GeneratorPlace, type LoadGenerator } from '#lab/world/generator.ts';
import type { Testbed } from '#lab/world/testbed.ts';
import type { Progress } from '#load/protocol.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { measuredIn } from '#test/support/figures.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { until } from '#test/support/until.ts';

const run = pooledRuns({ hops: ['gateway->downstream'] });

const perSecond = 100;
const loadMs = 3000;
const offered = (perSecond * loadMs) / 1000;

/** Returns an experiment with these fields, as text. Only send lag, stalls and changes by hand make a run invalid. */
const experimentOf = (
  path: 'rpc' | 'event',
  hypothesis: string,
  { lagP99Ms = 60_000, ...own }: { lagP99Ms?: number; [field: string]: unknown } = {},
) =>
  countedExperiment({
    load: constant(perSecond, loadMs),
    drainMs: 60_000,
    warmup: { requests: 100, concurrency: 20 }, // without a warm-up, compiling the code could cause a stall
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: onPath(path, 20_000) },
    hypothesis: [hypothesis],
    validity: {
      lagP99Ms,
      sleepExcessP99Ms: 60_000,
      faultDelayMs: 60_000,
      reason: 'each test is about one of the others',
    },
    ...own,
  });

interface Rig {
  readonly testbed: Testbed;
  readonly generator: ChildProcess;
}

/**
 * Runs an experiment. Calls `interfere` when the first requests of a load are offered, and ends the load only after it.
 * `which` is the number of this load.
 */
async function runWith(text: string, interfere: (rig: Rig) => Promise<unknown>, which = 1): Promise<Result> {
  let testbed: Testbed;
  let loads = 0;
  let interference: Promise<unknown> | undefined;
  const openGenerator = (place: GeneratorPlace): LoadGenerator => {
    const watch = vi.spyOn(place.guard, 'process');
    const generator = new Generator(place);
    const rig = { testbed, generator: watch.mock.calls[0]![0] };
    watch.mockRestore();
    return {
      warm: (command) => generator.warm(command),
      cancel: () => generator.cancel(),
      stop: () => generator.stop(),
      async run(command, listeners) {
        loads += 1;
        const progress = (counts: Progress) => {
          if (counts.offered > 0 && loads === which) interference ??= interfere(rig);
          listeners?.progress?.(counts);
        };
        const summary = await generator.run(command, { ...listeners, progress });
        await interference;
        return summary;
      },
    };
  };
  const on = (used: Testbed) => {
    testbed = used;
    return used;
  };
  const result = await run(text, { on, openGenerator });
  expect([result.errors, interference]).toEqual([[], expect.anything()]);
  expect(result.errors).toEqual([]);
  return result;
}

const failing = ({ validity }: Result) => validity.filter(({ ok }) => !ok);

const lengthOf = ({ variants: [it] }: Result, process: string) =>
  Math.max(
    0,
    ...it!.stalls!.filter((stall) => stall.process === process).map((stall) => stall.untilMs - stall.fromMs),
  );

/** Time for which a process is stopped: at least 300 ms, since a timer of Node may fire 1 ms early. */
const stopMs = 301;

test('a generator that stalled for 300 ms and changes by hand make a run invalid, and each is named', async () => {
  const text = experimentOf('rpc', `completed(it) == ${offered}`, { lagP99Ms: 100 });
  const result = await runWith(text, async (rig) => {
    rig.generator.kill('SIGSTOP');
    await setTimeout(stopMs);
    rig.generator.kill('SIGCONT');
    await changeByHand(rig);
  });
  expect(result.exitCode).toBe(90);
  const checks = new Map(failing(result).map((check) => [check.name, check]));
  expect([...checks.keys()].sort()).toEqual(['changes by hand', 'send lag p99', stallCheck].sort());
  expect(describeCheck(checks.get(stallCheck)!)).toMatch(/generator .*completed\(it\) == 300/);
  expect(lengthOf(result, 'generator')).toBeGreaterThanOrEqual(300);
  const findings = checks
    .get('changes by hand')!
    .finding.split(/ways?: |; /)
    .slice(1);
  expect(findings.toSorted()).toEqual([
    expect.stringMatching(/^1\s.*config of gateway$/),
    expect.stringMatching(/^1\s.*faults of downstream$/),
    expect.stringMatching(/^2\s.*config of downstream$/),
    expect.stringMatching(/^2\s.*proxies of netproxy$/),
  ]);
});

test('a first variant that exceeds a limit of auto in its first seconds is abandoned, and conducted again, slower', async () => {
  const text = experimentOf('rpc', 'completed(it) == 250', {
    ...{
      load: constant(perSecond, 2500),
      slowMotion: 'auto',
      lagP99Ms: 100, // only a probe with a lag of 200 ms would choose the last factor at once
      downstream: { model: { kind: 'fixed', latencyMs: 500 } },
    },
  });
  const stop = async ({ generator }: Rig) => {
    generator.kill('SIGSTOP');
    await setTimeout(4 * stopMs);
    generator.kill('SIGCONT');
  };
  const result = await runWith(text, stop, 2); // the first load measures the pace
  // On a busy machine another limit may be exceeded before the lag.
  expect(result.slowMotion!.tooFast).toMatch(/^with factor [124], \S+.s after the start of it, ./);
  expect(result.slowMotion!.factor).toBeGreaterThan(1);
  expect(measuredIn(result).map(({ ok, ledger }) => [ok, ledger.balanced])).toEqual([[250, true]]);
});

test('a consumer and a broker that stalled for 300 ms make a run invalid whose hypothesis depends on them', async () => {
  const text = experimentOf('event', `completed(it) == ${offered}`);
  const result = await runWith(text, async ({ testbed }) => {
    for (const name of ['consumer', 'nats'] as const) {
      await testbed.pause(name);
      await setTimeout(stopMs);
      await testbed.resume(name);
    }
  });
  expect([result.exitCode, failing(result).map(({ name }) => name)]).toEqual([90, [stallCheck]]);
  expect(describeCheck(failing(result)[0]!)).toMatch(/broker paused .*completed\(it\) == 300/);
  expect(lengthOf(result, 'consumer')).toBeGreaterThanOrEqual(300);
  // The publisher sees the broker's stall only from its next ping on.
  expect(lengthOf(result, 'broker')).toBeGreaterThan(0);
});

async function changeByHand({ testbed }: Rig): Promise<void> {
  const { control, netproxyUrl = '', controlToken } = testbed;
  const ports = [control.gateway!, control.downstream, netproxyUrl].map(
    (url) => new Control('it', url, controlToken),
  );
  const [gateway, downstream, netproxy] = ports as [Control, Control, Control];
  try {
    const gatewayConfig = await gateway.config();
    const policies = [{ timeout: { ms: 30_000 } }];
    await gateway.request('PUT', '/config', { ...gatewayConfig, policies });
    // Changes downstream's configuration by hand and restores it.
    const downstreamConfig = await downstream.config();
    await downstream.request('PUT', '/config', { ...downstreamConfig, idempotent: true });
    await downstream.request('PUT', '/config', downstreamConfig);
    const fault = { kind: 'latency', added: { kind: 'fixed', ms: 5 } };
    await downstream.request('PUT', '/faults/hand', { leaseMs: 200, fault });
    const toxic = { name: 'hand', type: 'latency', attributes: { latency: 5 } };
    const path = '/proxies/gateway-downstream/toxics';
    await netproxy.request('POST', path, toxic);
    await netproxy.request('DELETE', `${path}/hand`);
  } finally {
    await Promise.all(ports.map((port) => port.close()));
  }
}

test('an accepted event that the broker loses is found to be lost, and forged completions are refused with and without a login', async () => {
  const text = experimentOf('event', 'lost(it) == 0', {
    // Long enough that even after a late pause the broker gets an event that the consumer doesn't fetch in advance.
    load: constant(200, 2000),
    drainMs: 3000,
    // While the consumer is paused, no event completes, so each completion would be a forged one.
    faults: [{ name: 'f', atMs: 300, forMs: 300, target: 'consumer', fault: { kind: 'pause' } }],
  });
  let refused: unknown[] = [];
  const on = (testbed: Testbed) => {
    const paused: Testbed['resume'] = async (name) => {
      const { natsCredentials } = testbed;
      refused = [await forge(testbed, undefined), await forge(testbed, natsCredentials)];
      await loseLastEvent(testbed);
      await testbed.resume(name);
    };
    return new Proxy(testbed, {
      get: (target, name) => (name === 'resume' ? paused : Reflect.get(target, name)),
    });
  };
  const result = await run(text, { on });
  expect(refused).toMatchObject([
    { name: 'AuthorizationError' },
    { name: 'PermissionViolationError', operation: 'publish', subject: finishedSubject },
  ]);
  const [it] = measuredIn(result);
  expect(it).toMatchObject({ offered: 400, lost: 1, pending: 1, dead: 0, completed: 399 });
  expect(result.hypotheses).toMatchObject([{ text: 'lost(it) == 0', ok: null, left: 1 }]);
  // On a busy machine stalls may be another reason.
  expect([result.status, failing(result).map(({ name }) => name)]).toEqual([
    'invalid',
    expect.arrayContaining(['ledger differences']),
  ]);
  const contradictions = it!.ledger.checks.filter(({ ok }) => !ok).map(({ name }) => name);
  expect(contradictions).toEqual(['no accepted event is lost']);
});

/** Most events that the consumer has in hand by default: handled, and fetched ahead. */
const inHandMax = 2 * 16;

test.each<[string, string, (manager: JetStreamManager, connection: NatsConnection) => Promise<unknown>]>([
  ['the stream is deleted', 'changes by hand', ({ streams }) => streams.delete(names.stream)],
  [
    'its consumer is deleted',
    'changes by hand',
    ({ consumers }) => consumers.delete(names.stream, names.consumer),
  ],
  [
    'the stream is purged of undelivered events',
    'ledger differences',
    async (manager) => {
      // A purge loses no event that was delivered meanwhile.
      await until(
        async () =>
          (await undelivered(manager)) > inHandMax &&
          (await manager.streams.purge(names.stream)).purged > inHandMax,
      );
    },
  ],
  [
    'an event is published again',
    'ledger differences',
    (_, connection) => {
      const again = headers();
      again.set('Spillway-Id', requestId(0));
      return connection.request(names.subject, '{}', { headers: again, timeout: 5000 });
    },
  ],
])('a run is invalid in which %s with the login of the broker', async (_what, check, act) => {
  // At most 80 of the 100 events per second are completed, so some wait in the stream.
  const downstream = { model: { kind: 'fixed', latencyMs: 200 } };
  const text = experimentOf('event', 'lost(it) == 0', { drainMs: 3000, downstream });
  const result = await runWith(text, async ({ testbed }) => {
    const connection = await connectTo(testbed, testbed.natsCredentials);
    await act(await jetstreamManager(connection), connection);
    await connection.close();
  });
  expect(failing(result).map(({ name }) => name)).toContain(check);
});

const connectTo = ({ natsUrl }: Testbed, credentials: string | undefined): Promise<NatsConnection> =>
  connect({ servers: natsUrl, ...loginOf(credentials), reconnect: false });

/** Publishes forged completions that report all events as dead. Resolves with the broker's refusal, if any. */
async function forge(testbed: Testbed, credentials: string | undefined): Promise<unknown> {
  try {
    const connection = await connectTo(testbed, credentials);
    const refused = (async () => {
      for await (const status of connection.status()) if (status.type === 'error') return status.error;
      return undefined;
    })();
    for (let index = 0; index < 400; index++) {
      const report = { id: requestId(index), outcome: 'dead', attempts: 1 };
      connection.publish(finishedSubject, JSON.stringify(report));
    }
    await connection.flush();
    await connection.close();
    return await refused;
  } catch (error) {
    return error;
  }
}

const undelivered = async ({ consumers }: JetStreamManager): Promise<number> =>
  (await consumers.info(names.stream, names.consumer)).num_pending;

/** Waits until the work stream has an undelivered event, then deletes the stream's last event. */
async function loseLastEvent(testbed: Testbed): Promise<void> {
  const connection = await connectTo(testbed, testbed.natsCredentials);
  try {
    const manager = await jetstreamManager(connection);
    await until(async () => (await undelivered(manager)) > 0);
    const { streams } = manager;
    const { state } = await streams.info(names.stream);
    await streams.deleteMessage(names.stream, state.last_seq);
  } finally {
    await connection.close();
  }
}
