import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { simulated } from '#test/support/simulated.ts';

const overheads = { gatewayMs: 2, publishMs: 2, downstreamMs: 2, deliverMs: 2 };

/** Simulates both paths with the overhead and a fault. Resolves with the fitted overhead of each variant. */
async function fitted(target: string, kind: string, options: object) {
  const source = countedExperiment({
    drainMs: 5000,
    load: [{ arrivals: { kind: 'constant', ratePerSecond: 100, forMs: 3000 } }],
    downstream: { model: { kind: 'fixed', latencyMs: 10 } },
    faults: [fault('bad', target, [1000, 1000], kind, options)],
    variants: { calls: onPath('rpc', 200), events: onPath('event', 200) },
  });
  const file = { experiment: parseExperiment(source, 'x.yaml'), name: 'x', file: 'x.yaml', source };
  const { variants } = (await simulated(file, testFolder(), { overheads })).result;
  return Object.fromEntries(variants.map(({ name, self }) => [name, self.overhead]));
}

test.each([
  ['downstream', 'latency', { added: { kind: 'fixed', ms: 40 } }],
  ['downstream', 'failure', { ratio: 0.5 }],
  ['downstream', 'hang', { ratio: 0.1 }],
  ['downstream', 'kill', {}],
  ['nats', 'kill', {}],
  ['publisher->nats', 'blackhole', {}],
])(
  'the fitted overhead is the simulated one in spite of a fault of %s: %s',
  async (target, kind, options) => {
    const near = expect.closeTo(2, 0); // within 0.5 ms
    expect(await fitted(target, kind, options)).toEqual({
      calls: { gatewayMs: near, downstreamMs: near },
      events: { publishMs: near, downstreamMs: near, deliverMs: near },
    });
  },
);
