import { expect, test } from 'vitest';
import { bandsOf, changeNames } from '#lab/show/bands.ts';
import { html } from '#lab/show/html.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const policies = [{ timeout: { ms: 90 } }];
const changes = [
  { atMs: 300, policies: [{ timeout: { ms: 80 } }] },
  { atMs: 400, policies: [{ bulkhead: { concurrency: 4 } }] },
];

test.each([
  ['gateway', { gateway: { seed: 1, policies }, changes }],
  ['consumer', { consumer: { seed: 1, policies, concurrency: 9 }, changes }],
])('bandsOf has the changes of a %s, and changeNames the first difference of each', (_, config) => {
  const result = makeResult({ variants: 1 });
  const changed = alter(result, result.variants[0]!.name, { config });
  const bands = bandsOf(changed, changed.variants[0]!).filter(({ kind }) => kind === 'change');
  expect(bands.map(({ name, fromMs, untilMs }) => [name, fromMs, untilMs])).toEqual([
    ['timeout.ms 80', 300, 300],
    ['no timeout, + bulkhead', 400, 400],
  ]);
  const namesAt = (percentPerMs: number) =>
    html`${changeNames(bands, (ms) => Math.min(100, ms * percentPerMs))}`.text.match(/[^<>]+(?=<\/text>)/g);
  expect(namesAt(0.2)).toEqual(['timeout.ms 80', 'no timeout …']);
  expect(namesAt(0.1)).toEqual(['no timeout …']);
});
