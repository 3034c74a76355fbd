import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { purgeStreams } from '#kit/broker/broker.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { systemClock } from '#kit/clock.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { controlsOf } from '#lab/world/control.ts';
import { Generator } from '#lab/world/generator.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { type Bench, benchFolder, figure } from './figure.ts';
import { fuzzBroker } from './fuzz/broker.ts';
import { control, traffic } from './fuzz/calls.ts';
import { Draws } from './fuzz/draws.ts';
import { fuzzFiles } from './fuzz/files.ts';
import { Findings, kinds } from './fuzz/findings.ts';
import { callPort, sendRaw } from './fuzz/http.ts';

const amountDefault = 100_000;
/** Number of inputs in a round, by receiver. */
const share = { files: 400, traffic: 600, control: 600, tcp: 200, broker: 200 };
const perRound = Object.values(share).reduce((sum, count) => sum + count, 0);
const slowestMsMax = 5000;

const configs = {
  downstream: { model: { kind: 'fixed', latencyMs: 1 } },
  gateway: { policies: [{ timeout: { ms: 1000 } }] },
  publisher: {},
  consumer: {
    concurrency: 32,
    ackWaitMs: 1000,
    redelivery: { maxRetries: 1 },
    policies: [{ timeout: { ms: 1000 } }],
  },
};

type Rig = Awaited<ReturnType<typeof startRig>>;

/** Sends inputs with mistakes to every port and to `spillway validate`. No process may crash or answer wrongly. */
export const bench: Bench = async (say, { amount = amountDefault, seed }) => {
  say(`seed=${seed}`);
  const findings = new Findings(say);
  const rig = await startRig();
  rig.testbed.died.catch((error: Error) => findings.add('deaths', 'testbed', error.message));
  const startedAtMs = systemClock.now();
  try {
    while (findings.inputs < amount && findings.count('deaths') === 0) {
      await round(rig, Math.min(1, (amount - findings.inputs) / perRound), seed + findings.inputs, findings);
      const passed = ((systemClock.now() - startedAtMs) / 60_000).toFixed(1);
      say(`${findings.inputs} of ${amount} inputs after ${passed} min`);
    }
    for (const line of errorLines(rig.folder)) findings.add('uncaught exceptions', 'log', line);
  } finally {
    await rig.stop();
  }
  return [
    figure('inputs', findings.inputs, '', { atLeast: amount }),
    ...kinds.map((name) => ({ name, value: findings.count(name), unit: '', target: { atMost: 0 } })),
    figure('slowest answer', findings.slowestMs, 'ms', { atMost: slowestMsMax }),
  ];
};

async function startRig() {
  const { path: folder, remove } = benchFolder();
  const testbed = await startLocal({ logFolder: folder, hops: ['load->gateway'] });
  const common = await connectBroker(testbed.natsUrl, 'fuzz', testbed.natsCredentials);
  const ofConsumer = readFileSync(testbed.consumerLoginFile!, 'utf8');
  const consumer = await connectBroker(testbed.natsUrl, 'fuzz', ofConsumer);
  const generator = new Generator({ logFile: join(folder, 'generator.log'), guard: testbed.guard });
  const controls = controlsOf(testbed);
  return {
    folder,
    testbed,
    generator,
    logins: { common, consumer },
    /** Restores the initial configurations and clears all faults of downstream. */
    async reset() {
      await controls.downstream.request('DELETE', '/faults');
      for (const name of serviceNames) await controls[name].configure(configs[name]);
    },
    async stop() {
      await generator.stop();
      await Promise.all([common.close(), consumer.close()]);
      await Promise.all(serviceNames.map((name) => controls[name].close()));
      await controls.netproxy?.close();
      await testbed.stop();
      remove();
    },
  };
}

/** Sends the inputs of a round to all receivers, and resets the testbed. With a `part` below 1, sends that share. */
async function round(rig: Rig, part: number, seed: number, findings: Findings): Promise<void> {
  const times = (count: number) => Math.ceil(count * part);
  const draws = (purpose: string) => new Draws(seed, purpose);
  const { testbed } = rig;
  await rig.reset();
  // Calls of the control ports follow after the traffic, since they change how services answer it.
  await Promise.all([
    fuzzFiles(join(rig.folder, 'files'), times(share.files), draws('files'), findings),
    ...(['gateway', 'publisher', 'downstream'] as const).map(async (name) => {
      const from = draws(name);
      for (let left = times(share.traffic / 3); left > 0; left--)
        await callPort(testbed.traffic[name], traffic[name], from, findings);
    }),
    fuzzProxied(testbed.traffic.gateway, times(share.tcp), draws('tcp'), findings),
    underLoad(rig, () => fuzzBroker(rig.logins, times(share.broker), draws('broker'), findings)),
  ]);
  for (const name of [...serviceNames, 'netproxy'] as const) {
    const from = draws(`${name} control`);
    const url = name === 'netproxy' ? testbed.netproxyUrl! : testbed.control[name]!;
    for (let left = times(share.control / 5); left > 0; left--)
      await callPort(url, control[name], from, findings);
  }
  await rig.reset();
  await purgeStreams(rig.logins.common);
}

/** Calls `act` while a generator offers events and receives their completions. */
async function underLoad({ generator, testbed, folder }: Rig, act: () => Promise<void>): Promise<void> {
  const load = generator.run({
    path: 'event',
    url: testbed.traffic.publisher,
    natsUrl: testbed.natsUrl,
    natsCredentials: testbed.natsCredentials,
    connections: 50,
    load: [{ arrivals: { kind: 'constant', ratePerSecond: 50, forMs: 2000 } }],
    seed: 1,
    deadlineMs: 1000,
    classes: {},
    drainMs: 1000,
    recordFile: join(folder, 'requests.csv'),
  });
  await Promise.all([load, act()]);
}

async function fuzzProxied(url: string, count: number, draws: Draws, findings: Findings): Promise<void> {
  const call =
    'POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"id":"a"}';
  for (let left = count; left > 0; left--) {
    findings.inputs += 1;
    await sendRaw(url, draws.chance(0.5) ? draws.bytes(100_000) : draws.garbled(call), draws, findings);
  }
}

/** Returns the log lines of all processes that show an unexpected error or a crash. */
function errorLines(folder: string): string[] {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log') && name !== 'nats.log');
  return logs.flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => /"level":[56]0|^ {4}at |Uncaught/.test(line))
      .map((line) => `${name}: ${line}`),
  );
}
