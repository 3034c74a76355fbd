import { describe, expect, test } from 'vitest';
import { parseEffects } from '#test/support/effects.ts';
import { rig } from './rig.ts';

const fixed = (latencyMs: number, failureRatio = 0) => ({
  model: { kind: 'fixed', latencyMs, failureRatio },
});

test('work is answered after the latency and not before, once its effect is in the log', async () => {
  const { send, clock, control, metric } = await rig(fixed(20));
  const [response] = await send(['r1', 2]);
  let answered = false;
  void response!.then(() => {
    answered = true;
  });
  await clock.advance(19.9);
  expect(answered).toBe(false);
  await clock.advance(0.1);
  const { statusCode, headers, body } = await response!;
  expect([statusCode, headers['content-type'], body]).toEqual([
    200,
    expect.stringMatching(/^application\/json/),
    '{"id":"r1","duplicate":false}',
  ]);
  expect(await metric('spillway_sleep_excess_seconds_count')).toBe(1);
  expect(await metric('spillway_sleep_excess_seconds_sum')).toBe(0);
  const log = await control.inject('/effects');
  expect(log.headers['content-type']).toBe('application/x-ndjson');
  expect(parseEffects(log.body)).toMatchObject([{ id: 'r1', attempt: 2, atMs: 20, duplicate: false }]);
});

test('above its rate a rate limit answers 429 at once, with Retry-After in whole seconds', async () => {
  const { send, clock } = await rig({
    model: { kind: 'rate-limit', ratePerSecond: 1, latencyMs: 5, retryAfterMs: 1200 },
  });
  const responses = await send(['r1'], ['r2']);
  await clock.advance(5);
  const [first, second] = await Promise.all(responses);
  expect([first!.statusCode, first!.headers['retry-after']]).toEqual([200, undefined]);
  expect([second!.statusCode, second!.headers['retry-after']]).toEqual([429, '2']);
});

test('attempts in flight count, this attempt included, so that latency grows above the knee', async () => {
  const { send, clock, metric } = await rig({
    model: { kind: 'congestion', capacityRps: 20, jitterMs: 0, overloadFailureRatio: 0, failureRatio: 0 },
  });
  const ids = ['r1', 'r2', 'r3', 'r4'];
  const responses = await send(...ids.map((id): [string] => [id]));
  const endsMs = new Map<string, number>();
  for (const response of responses) {
    void response.then((answer) => endsMs.set(answer.json().id, clock.now()));
  }
  expect(await metric('spillway_work_in_flight')).toBe(4);
  while (endsMs.size < 4) {
    await clock.advance(1);
    await new Promise(setImmediate);
  }
  // Above the knee, each request in flight adds 25 ms.
  expect(await metric('spillway_work_knee')).toBe(2);
  expect([...endsMs]).toEqual([
    ['r1', 8],
    ['r2', 8],
    ['r3', 33],
    ['r4', 58],
  ]);
  expect(await metric('spillway_work_in_flight')).toBe(0);
  expect(await metric('spillway_modelled_sleep_seconds_total')).toBeCloseTo(0.107, 9);
});

describe('a second effect for a request', () => {
  async function twice(idempotent: boolean, apart: boolean) {
    const { send, clock, control, metric } = await rig({ ...fixed(20), idempotent });
    const responses = await send(['r1', 1]);
    if (apart) {
      await clock.run();
      await Promise.all(responses);
    }
    responses.push(...(await send(['r1', 2])));
    await clock.run();
    const answers = await Promise.all(responses);
    const logged = parseEffects((await control.inject('/effects')).body);
    return {
      answers: answers.map((answer) => [answer.statusCode, answer.json().duplicate]),
      effects: logged.map(({ attempt, duplicate }) => [attempt, duplicate]),
      onRecordAs: logged.map(({ suppressed }) => suppressed),
      committed: await metric('spillway_effects_total{caller="waiting"}'),
      suppressed: await metric('spillway_duplicate_effects_total{handling="suppressed"}'),
      repeated: await metric('spillway_duplicate_effects_total{handling="repeated"}'),
    };
  }

  test.each([
    ['later', true, true],
    ['later', false, true],
    ['in the same moment', true, false],
    ['in the same moment', false, false],
  ])('%s is recognised if idempotent, else committed again: %s', async (_when, idempotent, apart) => {
    expect(await twice(idempotent, apart)).toEqual({
      answers: [
        [200, false],
        [200, true],
      ],
      // The log has a line for a duplicate, too, although its effect is suppressed.
      effects: [
        [1, false],
        [2, true],
      ],
      onRecordAs: idempotent ? [undefined, true] : [undefined, undefined],
      committed: 2,
      suppressed: idempotent ? 1 : 0,
      repeated: idempotent ? 0 : 1,
    });
  });
});

test('a configuration holds from the next attempt on', async () => {
  const { send, clock, put } = await rig(fixed(20));
  const [before] = await send(['r1']);
  expect((await put(fixed(50, 1))).json()).toEqual({
    seed: 1,
    model: { kind: 'fixed', latencyMs: 50, failureRatio: 1 },
    idempotent: true,
    deadlines: 'ignore',
    abandonOnAbort: false,
  });
  const [after] = await send(['r2']);
  await clock.advance(20);
  expect((await before!).statusCode).toBe(200);
  await clock.advance(30);
  expect((await after!).statusCode).toBe(500);
});

test('DELETE /effects begins a new log', async () => {
  const { send, clock, control } = await rig(fixed(1));
  const first = await send(['r1']);
  await clock.run();
  await Promise.all(first);
  expect((await control.inject({ method: 'DELETE', url: '/effects' })).statusCode).toBe(204);
  expect((await control.inject('/effects')).body).toBe('');
  const [again] = await send(['r1']);
  await clock.run();
  expect((await again!).json()).toEqual({ id: 'r1', duplicate: false });
});

test('stop finishes what is worked on', async () => {
  const { send, clock, stopService, effects } = await rig(fixed(20));
  const responses = await send(['r1'], ['r2']);
  let stopped = false;
  const stopping = stopService().then(() => {
    stopped = true;
  });
  await clock.advance(19);
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  await clock.advance(1);
  await stopping;
  expect((await Promise.all(responses)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  expect([effects.has('r1'), effects.has('r2')]).toEqual([true, true]);
});
