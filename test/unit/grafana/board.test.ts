import { expect, test } from 'vitest';
import { board, choice } from '#grafana/board.ts';
import { graph } from '#grafana/panels.ts';

const panel = (width?: number) => graph('What it shows.', { up: 'up' }, width === undefined ? {} : { width });

test('board puts each row below the one before, whose panels share its width, and numbers all there is', () => {
  const { panels } = board({
    uid: 'test',
    title: 'Test',
    description: 'For a test.',
    rows: {
      First: { a: panel(12), b: panel(12), c: panel(12) },
      Second: { d: panel(), e: panel(), f: panel() },
    },
  });
  const places = panels?.map(({ id, title, gridPos }) => [id, title, gridPos?.x, gridPos?.y]);
  expect(places).toEqual([
    [1, 'First', 0, 0],
    [2, 'a', 0, 1],
    [3, 'b', 12, 1],
    [4, 'c', 0, 9],
    [5, 'Second', 0, 17],
    [6, 'd', 0, 18],
    [7, 'e', 8, 18],
    [8, 'f', 16, 18],
  ]);
});

test('board collapses the rows below the first screen, one line each, with their panels in them', () => {
  const row = { a: panel(24), b: panel(24) };
  const { panels } = board({
    uid: 'test',
    title: 'Test',
    description: 'For a test.',
    rows: { First: row, 'Begins on the screen': row, 'Begins below': row, Last: row },
  });
  const rows = panels!.filter((one) => 'panels' in one);
  expect(rows.map(({ collapsed, gridPos, panels }) => [collapsed, gridPos?.y, panels.length])).toEqual([
    [false, 0, 0],
    [false, 17, 0],
    [true, 34, 2],
    [true, 35, 2],
  ]);
  expect(rows[3]?.panels.map(({ id, gridPos }) => [id, gridPos?.y])).toEqual([
    [11, 36],
    [12, 44],
  ]);
});

test('choice begins with all values, and can be narrowed to some', () => {
  expect(choice('service', 'Service', 'label_values(up, job)').build()).toMatchObject({
    type: 'query',
    name: 'service',
    definition: 'label_values(up, job)',
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { value: ['$__all'] },
  });
});
