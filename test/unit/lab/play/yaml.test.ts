import { expect, test } from 'vitest';
import { YamlSource } from '#lab/experiment/file/source.ts';
import { yamlOf } from '#lab/play/yaml.ts';

test.each([
  [{ a: [], b: {}, c: null, d: false, e: -1.5e-7, f: '' }],
  [
    {
      'no name': 'on',
      text: 'a: b # c',
      more: '\n"quotes" \\ and ünïcode',
      date: '2026-01-01',
      number: '12',
    },
  ],
  [{ list: [{ wide: 'x'.repeat(120), deep: [{ deeper: ['y'.repeat(120)] }] }, ['z'.repeat(120)], 'text'] }],
])('yamlOf writes %j so that it is read again as it was', (value) => {
  expect(new YamlSource(yamlOf(value)).value).toEqual(value);
});

test('yamlOf keeps short parts on one line', () => {
  const load = [{ name: 'spike', arrivals: { kind: 'poisson', ratePerSecond: 90, forMs: 3000 } }];
  expect(yamlOf({ seed: 1, load: [...load, ...load] })).toBe(`seed: 1
load:
  - { name: spike, arrivals: { kind: poisson, ratePerSecond: 90, forMs: 3000 } }
  - { name: spike, arrivals: { kind: poisson, ratePerSecond: 90, forMs: 3000 } }
`);
});
