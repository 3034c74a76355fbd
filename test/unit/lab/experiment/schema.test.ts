import { expect, test } from 'vitest';
import { validPartsOf } from '#lab/experiment/schema.ts';

const bursts = (rest: object) => ({
  arrivals: { kind: 'bursts', total: 1, size: 1, everyMs: 1, spreadMs: 0, ...rest },
});

test('validPartsOf leaves out what the schema refuses, entry by entry, and fills in no default for it', () => {
  const { valid, problems } = validPartsOf({
    title: 5,
    warmup: { requests: 0 },
    load: [bursts({ size: 0 }), bursts({})],
    variants: { a: { path: 'rpc' }, b: { path: 'post' } },
  });
  expect(problems.map(({ pointer }) => pointer)).toEqual(
    expect.arrayContaining(['', '/title', '/warmup/requests', '/load/0/arrivals/size', '/variants/b/path']),
  );
  expect(valid.load).toEqual([undefined, bursts({})]);
  expect(Object.entries(valid.variants!)).toEqual([
    ['a', expect.anything()],
    ['b', undefined],
  ]);
  expect([valid.title, valid.warmup, valid.seed]).toEqual([undefined, undefined, 1]);
});

test('validPartsOf takes out entries with an unknown field, also with one that misspells the kind', () => {
  const { everyMs, ...rest } = bursts({}).arrivals;
  const { valid, problems } = validPartsOf({
    load: [
      bursts({ foo: 1 }),
      { arrivals: { ...rest, evryMs: everyMs } },
      { arrivals: { knd: 'bursts' } },
      bursts({}),
    ],
  });
  expect(problems.map(({ pointer }) => pointer)).toEqual(
    expect.arrayContaining(['/load/0/arrivals/foo', '/load/1/arrivals/evryMs', '/load/2/arrivals/knd']),
  );
  expect(valid.load).toEqual([undefined, undefined, undefined, bursts({})]);
});
