import { expect, test } from 'vitest';
import { ideal } from './ideal.ts';

// Each test compares a law of the course with an ideal simulation. The bounds follow from what the law leaves out.

const expectNear = (value: number, law: number, within: number) => {
  expect(value).toBeGreaterThanOrEqual(law - within);
  expect(value).toBeLessThanOrEqual(law + within);
};

test('08, at-once: events that always fail use all their deliveries, and the others wait', async () => {
  const { retries, goodput } = await ideal('08', 'at-once');
  expect(retries).toBe(10 * 30);
  // Four handlers are busy for 10·31·100 ms ÷ 4 from 1.6 s on. Then 155 events wait, which drain at 20 a second, and
  // are late while they wait for more than 0.9 s.
  const lateS = (10 * 31 * 0.1) / 4 + (155 - 40 * 0.9) / 20;
  expectNear(goodput, 1 - lateS / 22, 0.05);
});

test('08, dead-letters: three more deliveries each, and no other event is late', async () => {
  const { retries, late, dead } = await ideal('08', 'dead-letters');
  expect([retries, late, dead]).toEqual([10 * 3, 10, 0]);
});

test.each(['09', '15'])(
  '%s: λ·L events are in work when the consumer is cut off, and have two effects',
  async (name) => {
    const [repeats, recognises] = await Promise.all(
      ['repeats', 'recognises'].map((variant) =>
        ideal(name, variant, (fields) => {
          fields.load[0].arrivals.forMs = 5000;
          fields.faults.splice(1);
        }),
      ),
    );
    expect(repeats!.duplicates).toBe(50 * 0.2);
    expect(recognises!.duplicates).toBe(0);
    for (const { lost, ok, late, offered } of [repeats!, recognises!]) {
      expect(lost).toBe(0);
      expect(ok + late).toBe(offered);
    }
  },
);

test('10: a publisher that tries for two seconds bridges two seconds of an outage', async () => {
  const { dropped, unknown, lost } = await ideal('10', 'events');
  expectNear(dropped + unknown, 50 * (5 - 2), 10); // the broker also takes a moment to start
  expect(lost).toBe(0);
});

test.each([
  ['tight', 36],
  ['roomy', 60],
])('11, %s: a backlog drains in O·ρ ÷ (1 − ρ)', async (variant, handlers) => {
  const result = await ideal('11', variant, undefined, true);
  const rho = 60 / (handlers / 0.4);
  // The last handlers end their events up to 400 ms before the backlog is empty, and it is seen every 100 ms.
  expectNear(result.in('after outage').timeToDrain, (4000 * rho) / (1 - rho), 500);
});

test('11, bounded: a stream refuses what is beyond its limit', async () => {
  const { dropped } = await ideal('11', 'bounded');
  expect(dropped).toBe(60 * 4 - (60 - 24)); // the stream also holds the 24 events in progress
});

test('12: a share of 1 − W ÷ (N·s) of the events that are fetched together is delivered again', async () => {
  const { duplicates } = await ideal('12', 'fetches-all');
  expectNear(duplicates, 100 * (1 - 2 / (50 * 0.1)), 5); // each burst takes a few ms to arrive
  for (const cured of ['fetches-one', 'longer-wait']) expect((await ideal('12', cured)).duplicates).toBe(0);
});

test('16: until one attempt succeeds, 1 ÷ (1 − p) attempts are made on average', async () => {
  const { amplification, offered, lost } = await ideal('16', 'by-consumer', ({ load }) => load.splice(1));
  // The standard deviation of a geometric count is √p ÷ (1 − p).
  expectNear(amplification, 1 / (1 - 0.6), (4 * (Math.sqrt(0.6) / 0.4)) / Math.sqrt(offered));
  expect(lost).toBe(0);
});
