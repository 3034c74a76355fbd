import { expect, test } from 'vitest';
import { buildModel, ModelOptions } from '#downstream/models.ts';
import { stream } from '#kit/random.ts';
import { parser } from '#kit/schema/parser.ts';
import { erlangC } from '#test/fixtures/erlang-c.ts';

/** Returns a function that makes an attempt at `atMs` while `inFlight` attempts are in flight, on a separate clock. */
function queueOf(options: object) {
  let nowMs = 0;
  const clock = { now: () => nowMs, after: () => undefined, cancel: () => undefined };
  const model = buildModel(parser(ModelOptions)({ kind: 'queue', ...options }), clock);
  return (atMs: number, inFlight = 1, draw: (purpose: string) => number = () => 0.5) => {
    nowMs = atMs;
    return model(inFlight, draw);
  };
}

test.each<[string, object, number[], number[]]>([
  ['one server, one after the other', { servers: 1 }, [0, 4, 8, 40], [10, 16, 22, 10]],
  ['two servers, two at a time', { servers: 2 }, [0, 4, 8, 12, 13], [10, 10, 12, 12, 17]],
  ['all at once', { servers: 2 }, [0, 0, 0, 0, 0], [10, 10, 20, 20, 30]],
])('queue: %s', (_what, options, atMs, latencyMs) => {
  const attempt = queueOf({ ...options, serviceMs: 10, service: 'constant' });
  expect(atMs.map((at) => attempt(at).latencyMs)).toEqual(latencyMs);
});

test('queue serves for an exponential time, drawn', () => {
  const attempt = queueOf({ serviceMs: 10 });
  expect(attempt(0, 1, () => 0).latencyMs).toBe(0);
  expect(attempt(1000, 1, () => 1 - Math.exp(-3)).latencyMs).toBeCloseTo(30, 9);
});

test('queue refuses an attempt at once that finds no room to wait', () => {
  const attempt = queueOf({ servers: 2, waitingMax: 3, serviceMs: 10, service: 'constant' });
  expect(attempt(0, 5)).toEqual({ latencyMs: 10, failed: false });
  expect(attempt(0, 6)).toEqual({ latencyMs: 0, failed: true });
  expect(attempt(0, 5)).toEqual({ latencyMs: 10, failed: false }); // the refused attempt took no slot
});

test('queue fails by a draw', () => {
  const attempt = queueOf({ failureRatio: 0.3 });
  const failed = (draw: number) => attempt(0, 1, (purpose) => (purpose === 'failure' ? draw : 0)).failed;
  expect([failed(0.2999), failed(0.3)]).toEqual([true, false]);
});

test.each([
  [1, 0.8],
  [16, 0.9],
])('queue with %d servers at ρ = %d waits as Erlang C says, within 5 %%', (servers, load) => {
  const serviceMs = 10;
  const perSecond = (load * servers * 1000) / serviceMs;
  const attempt = queueOf({ servers, serviceMs });
  const random = stream(1, 'queue');
  const count = 400_000;
  let atMs = 0;
  let waitedMs = 0;
  for (let i = 0; i < count; i++) {
    atMs += (-Math.log(1 - random()) * 1000) / perSecond;
    const drawFor = random();
    waitedMs += attempt(atMs, 1, () => drawFor).latencyMs + serviceMs * Math.log(1 - drawFor);
  }
  const ratio = waitedMs / count / erlangC(servers, serviceMs, perSecond);
  expect(ratio).toBeGreaterThan(0.95);
  expect(ratio).toBeLessThan(1.05);
});
