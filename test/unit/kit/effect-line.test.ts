import { expect, test } from 'vitest';
import { effectLine, effectPattern } from '#kit/effect-line.ts';

test.each([
  [{ id: 'r17', attempt: 2, atMs: 1234.5, gone: true, duplicate: false }, ['r17', '1234.5', 'true']],
  [{ duplicate: true, gone: false, atMs: 1e-7, attempt: 1, id: 'w0' }, ['w0', '1e-7', 'false']],
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
