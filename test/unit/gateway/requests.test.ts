import { expect, test } from 'vitest';
import { requestsOf } from '#gateway/requests.ts';
import { type Posted, UpstreamError } from '#kit/http-client/posted.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const failed = new UpstreamError(500, 'downstream answered 500');
const bug = new TypeError('x is not a function');

/** Creates `Requests` on virtual time. Attempt i takes 10 ms and ends with `ends[i]`, or with the last of `ends`. */
function rig(policies: object[], ...ends: (string | Error)[]) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const posted: Posted[] = [];
  const post = async (one: Posted) => {
    posted.push(one);
    const end = ends.length > 1 ? ends.shift()! : ends[0]!;
    await new Promise<void>((resolve) => void clock.after(10, resolve));
    if (end instanceof Error) throw end;
    return end;
  };
  const requests = requestsOf({ metrics, upstream: { post }, clock, initial: { policies } });
  const caller = new AbortController();
  const serve = (leftMs?: number) => {
    const asked = { body: { id: 'r1' }, leftMs, class: 'slow', attempt: undefined, traceparent: undefined };
    return clock.runUntil(requests.serve(asked, caller.signal));
  };
  const counted = async () =>
    Object.fromEntries(
      (await metrics.text(['spillway_requests_total']))
        .matchAll(/outcome="(\w+)"} (\d+)/g)
        .map(([, name, count]) => [name, Number(count)]),
    );
  return { clock, metrics, requests, posted, caller, serve, counted };
}

const retry = { retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } } };

test.each<[string, object[], (string | Error)[], object, number]>([
  ['ok', [], ['{"a":1}'], { status: 200, attempts: 1, body: '{"a":1}' }, 10],
  ['ok', [retry], [failed, '{}'], { status: 200, attempts: 2, body: '{}' }, 25],
  ['failed', [retry], [failed], { status: 502, attempts: 3 }, 40],
  ['timeout', [{ timeout: { ms: 4 } }], ['{}'], { status: 504, attempts: 1 }, 4],
  ['rejected', [{ deadline: { leastMs: 60 } }], ['{}'], { status: 503, attempts: 0 }, 0],
  ['failed', [], [bug], { status: 500, attempts: 1, error: bug }, 10],
])('serve: %s under %j, attempts ending with %j', async (outcome, policies, ends, answer, tookMs) => {
  const { clock, serve, counted, metrics } = rig(policies, ...ends);
  expect(await serve(50)).toMatchObject(answer);
  expect(clock.now()).toBe(tookMs);
  expect(await counted()).toEqual({ [outcome]: 1 });
  expect(await metrics.text(['spillway_requests_in_flight'])).toMatch(/in_flight 0\n/);
});

test('serve passes on the class, and the rest of the deadline to the deadline policy', async () => {
  const { serve, posted } = rig([{ deadline: {} }], '{}');
  await serve(50);
  expect(posted).toMatchObject([{ id: 'r1', class: 'slow', timeoutMs: 50, attempts: 1 }]);
});

test('serve counts a caller that disconnects as gone, and tries nothing again', async () => {
  const { clock, serve, caller, counted, posted } = rig([retry], failed);
  clock.after(12, () => caller.abort(new Error('gone')));
  expect((await serve()).status).toBe(499);
  expect(clock.now()).toBe(12);
  expect(await counted()).toEqual({ gone: 1 });
  expect(posted).toHaveLength(1);
});
