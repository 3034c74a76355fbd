import { expect, test } from 'vitest';
import { effectLine, effectPattern, requestId, requestIndex } from '#kit/wire.ts';

test.each([0, 1, 1999, 10_000_000])('requestIndex finds the index that requestId put in: %d', (index) => {
  expect(requestIndex(requestId(index))).toBe(index);
});

test.each(['', 'w3', 'event#3', 'r', 'r-1', 'r1.5', 'r1e3', 'r0x10', 'r01', 'r1e21', 'rx', 'r1x', '3'])(
  'requestIndex of "%s" is none',
  (id) => {
    expect(requestIndex(id)).toBe(-1);
  },
);

test.each([
  [
    { id: 'r17', attempt: 2, atMs: 1234.5, gone: true, duplicate: false },
    ['r17', '1234.5', 'true', undefined],
  ],
  [
    { duplicate: true, gone: false, atMs: 1e-7, attempt: 1, id: 'w0', suppressed: true as const },
    ['w0', '1e-7', 'false', ',"suppressed":true'],
  ],
])('effectPattern reads what effectLine writes of %j, whatever the order of its fields', (effect, groups) => {
  const line = effectLine(effect);
  expect(effectPattern.exec(line)?.slice(1)).toEqual(groups);
  expect(JSON.parse(line)).toEqual(effect);
});

test.each([
  '',
  '{}',
  '{"id":"r1"}',
  `${effectLine({ id: 'r1', attempt: 1, atMs: 2, gone: false, duplicate: false })} `,
])('effectPattern takes no other line: %j', (line) => {
  expect(line).not.toMatch(effectPattern);
});
