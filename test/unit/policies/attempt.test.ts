import { expect, test } from 'vitest';
import { UpstreamError } from '#kit/http-client/posted.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { attempt } from '#policies/attempt.ts';
import { never, ok, work } from './rig.ts';

function setup(answer: () => Promise<typeof ok>) {
  const posts: unknown[][] = [];
  const post: Upstream['post'] = (posted, signal) => {
    posts.push([{ ...posted }, signal]);
    return answer();
  };
  const metrics = new Metrics();
  const clock = new VirtualClock();
  const ended = async () => (await metrics.text()).match(/result="(.*)"} (\d+)/)?.slice(1);
  const taken = async () => (await metrics.text()).match(/attempt_duration_seconds_sum (.*)/)?.[1];
  return { clock, taken, send: attempt({ post } as Upstream, metrics, clock), posts, ended };
}

test('attempt counts the attempt up before it sends, and sends its number along', async () => {
  const { send, posts, ended } = setup(async () => ok);
  const request = { ...work('r7'), body: '{"id":"r7"}', attempts: 2 };
  expect(await send(request, never)).toBe(ok);
  expect(request.attempts).toBe(3);
  expect(posts).toEqual([[request, never]]);
  expect(await ended()).toEqual(['ok', '1']);
});

test.each([
  ['failed, when the upstream says so', new UpstreamError(500, 'answered 500'), 'failed'],
  ['abandoned, when it was cut off', new Error('no answer within 120 ms'), 'abandoned'],
])('attempt counts an error as %s, and passes it on', async (_sentence, error, result) => {
  const { send, ended } = setup(() => Promise.reject(error));
  await expect(send(work(), never)).rejects.toBe(error);
  expect(await ended()).toEqual([result, '1']);
});

test('attempt says what is left of the deadline, in whole ms and never below 0', async () => {
  const { clock, send, posts } = setup(async () => ok);
  const request = { ...work(), deadlineAtMs: 120.9 };
  await send(request, never);
  await clock.advance(121);
  await send(request, never);
  expect(posts).toMatchObject([
    [{ timeoutMs: 120 }, never],
    [{ timeoutMs: 0 }, never],
  ]);
});
