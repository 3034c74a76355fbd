import { expect, test } from 'vitest';
import { board, choice } from '#grafana/board.ts';
import { graph } from '#grafana/panels.ts';

const panel = (title: string) =>
  graph({ title, description: 'What it shows.', unit: 's', queries: { up: 'up' }, width: 12 });

test('board puts each row below the one before, and numbers all there is', () => {
  const { panels } = board({
    uid: 'test',
    title: 'Test',
    description: 'For a test.',
    rows: { First: [panel('a'), panel('b'), panel('c')], Second: [panel('d')] },
  });
  const places = panels?.map(({ id, title, gridPos }) => [id, title, gridPos?.x, gridPos?.y]);
  expect(places).toEqual([
    [1, 'First', 0, 0],
    [2, 'a', 0, 1],
    [3, 'b', 12, 1],
    [4, 'c', 0, 9],
    [5, 'Second', 0, 17],
    [6, 'd', 0, 18],
  ]);
});

test('choice begins with all values, and can be narrowed to some', () => {
  expect(choice('service', 'Service', 'label_values(up, job)').build()).toMatchObject({
    type: 'query',
    name: 'service',
    definition: 'label_values(up, job)',
    includeAll: true,
    multi: true,
    allValue: '.+',
    current: { value: ['$__all'] },
  });
});
