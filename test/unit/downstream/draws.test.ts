import { expect, test } from 'vitest';
import { rig } from './rig.ts';

const ids = Array.from({ length: 60 }, (_, i) => `r${i}`);
/** Returns the attempts that fail, as `id/attempt`, if sent in the given order. */
async function failures(seed: number, order: readonly string[]) {
  const { send, clock } = await rig({ model: { kind: 'fixed', latencyMs: 1, failureRatio: 0.5 }, seed });
  const attempts = order.flatMap((id): [string, number][] => [
    [id, 1],
    [id, 2],
  ]);
  const responses = await send(...attempts);
  await clock.run();
  const answers = await Promise.all(responses);
  return attempts
    .flatMap(([id, attempt], i) => (answers[i]!.statusCode === 500 ? [`${id}/${attempt}`] : []))
    .sort();
}

test('draws of the same seed are the same, request by request, in any order', async () => {
  const one = await failures(7, ids);
  const shuffled = ids.toSorted(
    (a, b) => ((Number(a.slice(1)) * 37) % 60) - ((Number(b.slice(1)) * 37) % 60),
  );
  expect(shuffled).not.toEqual(ids);
  expect(await failures(7, shuffled)).toEqual(one);
  expect(one.length).toBeGreaterThan(30);
  expect(one.length).toBeLessThan(90);
  // The draw of attempt 2 is independent of the draw of attempt 1.
  expect(one.filter((key) => key.endsWith('/1')).map((key) => key.replace('/1', '/2'))).not.toEqual(
    one.filter((key) => key.endsWith('/2')),
  );
});

test('another seed gives other draws', async () => {
  expect(await failures(8, ids)).not.toEqual(await failures(7, ids));
});
