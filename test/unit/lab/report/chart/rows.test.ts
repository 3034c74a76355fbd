import { expect, test } from 'vitest';
import { rowChart } from '#lab/report/chart/rows.ts';

const row = { head: 'name <1>', marks: null, label: 'name: half', value: '50 %' };
const axis = [
  { at: 0, text: 'zero' },
  { at: 50, text: 'half', spare: true },
  { at: 100, text: 'all' },
];

test('rowChart shows head, picture with its label, and value of each row', () => {
  const { text } = rowChart([row, { ...row, head: 'other' }], axis);
  expect(text.match(/<div class="row">/g)).toHaveLength(2);
  expect(text).toContain('<div class="row-head">name &lt;1&gt;</div>');
  expect(text).toContain('role="img" aria-label="name: half"');
  expect(text).toContain('<div class="row-value">50 %</div>');
});

test('rowChart has a note only where there is one', () => {
  expect(rowChart([row], axis).text).not.toContain('row-note');
  expect(rowChart([{ ...row, note: 'few' }], axis).text).toContain('<p class="row-note">few</p>');
});

test('rowChart keeps the labels at the ends of the axis inside', () => {
  const labels = Array.from(
    rowChart([row], axis).text.matchAll(/<text( class="spare")? x="\d+%" y="12" text-anchor="(\w+)">(\w+)/g),
    ([, spare, anchor, text]) => [text, anchor, spare !== undefined],
  );
  expect(labels).toEqual([
    ['zero', 'start', false],
    ['half', 'middle', true],
    ['all', 'end', false],
  ]);
});
