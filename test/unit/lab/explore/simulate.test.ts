import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { simulate } from '#lab/explore/simulate.ts';
import { ownTmpdir, testFolder } from '#test/support/folder.ts';

function fileWith(fields = ''): string {
  const file = join(testFolder(), 'calls.yaml');
  writeFileSync(
    file,
    `title: Calls
deadlineMs: 100
load: [{ arrivals: { kind: poisson, ratePerSecond: 50, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 20 } }
variants: { a: { path: rpc }, b: { path: event } }
${fields}`,
  );
  return file;
}

test('simulate returns figures by variant and hypotheses by text, and leaves no file', async () => {
  const file = fileWith('hypothesis: [goodput(a) > 0.9]');
  const folder = ownTmpdir();
  const { variants, hypotheses, problems } = await simulate(file, {
    seeds: 2,
    hypotheses: ['p50(b) < 10ms'],
  });
  expect(Object.keys(variants)).toEqual(['a', 'b']);
  expect(variants.a?.metrics.p50).toMatchObject({ value: 20 });
  expect(hypotheses).toMatchObject({
    'goodput(a) > 0.9': { count: 2, of: 2 },
    'p50(b) < 10ms': { count: 0, of: 2 },
  });
  expect(problems).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('simulate changes numbers, and takes some variants only', async () => {
  const changes = { 'downstream.model.latencyMs': 60 };
  const { variants } = await simulate(fileWith(), { seeds: 1, only: ['a'], changes });
  expect(variants).toMatchObject({ a: { metrics: { p50: { value: 60 } } } });
  expect(Object.keys(variants)).toEqual(['a']);
});

test('simulate gives the same figures for the same seed, and others for another', async () => {
  const sent = async (seed: number) =>
    (await simulate(fileWith(), { seeds: 1, seed, only: ['a'] })).variants.a?.metrics.offered?.value;
  expect(await sent(3)).toBe(await sent(3));
  expect(await sent(3)).not.toBe(await sent(4));
});

test.each<[string, object, RegExp]>([
  [
    'an unknown path',
    { changes: { 'downstream.model.latency': 1 } },
    /downstream.model.latency: unknown field, did you mean latencyMs/,
  ],
  ['a value that the schema refuses', { changes: { deadlineMs: -1 } }, /deadlineMs: expected/],
  ['no seed', { seeds: 0 }, /seeds: expected a whole number of at least 1, got 0/],
  ['an unknown variant', { only: ['c'] }, /c/],
])('simulate refuses %s', async (_what, options, message) => {
  await expect(simulate(fileWith(), options)).rejects.toThrow(message);
});
