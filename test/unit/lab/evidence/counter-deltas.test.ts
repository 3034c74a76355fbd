import { expect, test } from 'vitest';
import { deltas } from '#lab/evidence/counter-deltas.ts';
import type { Samples } from '#lab/evidence/samples.ts';

const scrape = (startedAtSeconds: number, count: number): Samples =>
  new Map([
    ['process_start_time_seconds', startedAtSeconds],
    ['c', count],
  ]);

test.each<[string, Samples[], number]>([
  ['of one process is the difference', [scrape(1, 5), scrape(1, 7)], 2],
  ['of one process does not depend on scrapes in between', [scrape(1, 5), scrape(1, 6), scrape(1, 7)], 2],
  ['of another process is all that it counted', [scrape(1, 5), scrape(2, 7)], 7],
  ['of another process of the same second is all that it counted', [scrape(1.2, 5), scrape(1.7, 7)], 7],
  ['adds up what both counted', [scrape(1, 5), scrape(1, 9), scrape(2, 3)], 7],
  ['is nothing without a second scrape', [scrape(1, 5)], 0],
])('grown %s', (_, scrapes, expected) => {
  expect(deltas(scrapes).get('c') ?? 0).toBe(expected);
});

test('grown counts a series from 0 when it came later', () => {
  expect(deltas([new Map(), new Map([['c', 3]])]).get('c')).toBe(3);
});
