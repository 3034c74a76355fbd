import { describe, expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { fail, rig } from './rig.ts';

const nats = withNats();
const constant = (maxRetries: number) => ({
  redelivery: { maxRetries, backoff: { kind: 'constant', delayMs: 100 } },
});

test('an event that succeeds is acknowledged and reported, its body passed on', async () => {
  const { publish, finished, news, messages, stub, metric } = await rig(nats, {}, done);
  await publish('r1');
  await finished(1);
  expect(news).toEqual([{ id: 'r1', outcome: 'ok', attempts: 1 }]);
  expect(stub.received.map(({ id, attempt }) => [id, attempt])).toEqual([['r1', 1]]);
  await until(async () => (await messages()) === 0);
  expect(await messages('DLQ')).toBe(0);
  expect(await metric('spillway_deliveries_total{result="ok"}')).toBe(1);
  expect(await metric('spillway_attempts_total{result="ok"}')).toBe(1);
  expect(await metric('spillway_delivery_duration_seconds_count{result="ok"}')).toBe(1);
  expect(await metric('spillway_deliveries_in_flight')).toBe(0);
});

test('an event that fails is delivered again after the backoff and not before', async () => {
  const clock = new VirtualClock();
  const answers = [fail, done];
  const { publish, finished, news, stub, metric } = await rig(
    nats,
    constant(3),
    (received) => answers.shift()?.(received),
    clock,
  );
  const waiting = clock.pending;
  await publish('r1');
  await until(() => clock.pending > waiting);
  await clock.advance(99);
  await publish('r2'); // delivered while r1 waits
  answers.unshift(done);
  await until(() => stub.received.length === 2);
  await finished(1);
  await clock.advance(1);
  await finished(2);
  expect(stub.received.map(({ id, attempt }) => [id, attempt])).toEqual([
    ['r1', 1],
    ['r2', 1],
    ['r1', 2],
  ]);
  expect(news).toEqual([
    { id: 'r2', outcome: 'ok', attempts: 1 },
    { id: 'r1', outcome: 'ok', attempts: 2 },
  ]);
  expect(await metric('spillway_retries_total')).toBe(1);
  expect(await metric('spillway_backoff_seconds_sum')).toBe(0.1);
  expect(await metric('spillway_deliveries_total{result="retried"}')).toBe(1);
});

describe('an event that fails for good', () => {
  const slow = { backoff: { kind: 'constant', delayMs: 1 } };
  const hasty = [{ timeout: { ms: 5 } }];

  test.each([
    ['failed', {}, 'UpstreamError: downstream answered 500', fail],
    ['timeout', { policies: hasty }, 'AttemptTimeout: no answer within 5 ms', () => undefined],
  ])(
    'after its last retry is dead-lettered as %s, with all that was tried',
    async (reason, more, error, answer) => {
      const { publish, finished, news, messages, letter, stub, metric } = await rig(
        nats,
        { redelivery: { maxRetries: 2, ...slow }, ...more },
        answer,
      );
      const before = Date.now();
      await publish('r0', 'r1');
      await finished(2);
      const attempts = stub.received.filter(({ id }) => id === 'r1').map(({ attempt }) => attempt);
      expect([1, 2, 3]).toEqual(expect.arrayContaining(attempts)); // an attempt cut off after 5 ms may not arrive
      expect(news.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
        { id: 'r0', outcome: 'dead', attempts: 3 },
        { id: 'r1', outcome: 'dead', attempts: 3 },
      ]);
      expect([await messages(), await messages('DLQ')]).toEqual([0, 2]);
      const letters = [await letter(1), await letter(2)];
      const mine = letters.find((one) => one?.header.get('Spillway-Id') === 'r1');
      expect(mine?.subject).toMatch(/^dlq\.WORK\.2\.\d{13}$/);
      expect(mine?.json()).toEqual({ id: 'r1' });
      const header = (name: string) => mine?.header.get(`Spillway-${name}`) ?? '';
      const fields = ['Reason', 'Attempts', 'Last-Error', 'Subject'].map(header);
      expect(fields).toEqual([reason, '3', error, 'work.events']);
      expect(Date.parse(header('Published-At'))).toBeGreaterThanOrEqual(before - 1);
      expect(await metric(`spillway_dead_letters_total{reason="${reason}"}`)).toBe(2);
      expect(await metric('spillway_deliveries_total{result="dead"}')).toBe(2);
      expect(await metric('spillway_deliveries_total{result="retried"}')).toBe(4);
    },
  );
});

test('an event without an id is known by its sequence', async () => {
  const { broker, finished, news } = await rig(nats, {}, done);
  broker.publish('work.events', '{}');
  await finished(1);
  expect(news).toEqual([{ id: 'event#1', outcome: 'ok', attempts: 1 }]);
});

test('events that meet an open breaker wait in their slots, untried, and use up no delivery', async () => {
  const breaker = { breaker: { window: { kind: 'count', size: 1 }, failures: 1, openMs: 2000 } };
  const clock = new VirtualClock();
  let isWell = false;
  const { publish, finished, news, messages, stub, metric, ackPending } = await rig(
    nats,
    {
      concurrency: 4,
      prefetch: 2,
      redelivery: { maxRetries: 0, backoff: { kind: 'constant', delayMs: 5 } },
      policies: [breaker],
    },
    (received) => (isWell ? done : fail)(received),
    clock,
  );
  await publish('first');
  await finished(1);
  await publish(...Array.from({ length: 30 }, (_, index) => `r${index}`));
  await until(async () => ((await metric('spillway_rejections_total{policy="breaker"}')) ?? 0) >= 4);
  expect(await ackPending()).toBeLessThanOrEqual(4 + 2);
  expect(await metric('spillway_deliveries_in_flight')).toBe(4);
  expect(stub.received).toHaveLength(1);
  isWell = true;
  const ended = finished(31);
  await until(async () => {
    await clock.advance(100);
    return news.length === 31;
  });
  await ended;
  expect(news.slice(1).every(({ outcome, attempts }) => outcome === 'ok' && attempts === 1)).toBe(true);
  expect([await messages('DLQ'), await metric('spillway_deliveries_total{result="ok"}')]).toEqual([1, 30]);
  expect(await metric('spillway_deliveries_total{result="returned"}')).toBe(0);
});

test('an event that is refused for too long is dead-lettered for what its last attempt met, or as rejected', async () => {
  const breaker = { breaker: { window: { kind: 'count', size: 1 }, failures: 1, openMs: 60_000 } };
  const { publish, finished, letter, news, stub } = await rig(
    nats,
    {
      concurrency: 1,
      redelivery: { maxRetries: 1, maxRefusedMs: 50, backoff: { kind: 'constant', delayMs: 1 } },
      policies: [breaker],
    },
    fail,
  );
  await publish('r1', 'r2');
  await finished(2);
  expect(stub.received).toHaveLength(1);
  const letters = [await letter(1), await letter(2)];
  const reasons = letters.map((one) => one?.header.get('Spillway-Reason'));
  const tried = news.findIndex(({ attempts }) => attempts === 1);
  expect(news[1 - tried]).toMatchObject({ outcome: 'dead', attempts: 0 });
  expect([reasons[tried], reasons[1 - tried]]).toEqual(['failed', 'rejected']);
  const errors = [tried, 1 - tried].map((index) => letters[index]?.header.get('Spillway-Last-Error'));
  expect(errors).toEqual(['UpstreamError: downstream answered 500', expect.stringMatching(/^BreakerOpen/)]);
});
