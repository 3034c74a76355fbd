import { expect, test } from 'vitest';
import { plain } from '#lab/kit/text/format.ts';
import { simulationsSection } from '#lab/show/section/simulations.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';
import { simulatedResult } from '#test/fixtures/simulations.ts';

const result = simulatedResult();

/** Texts of the rows, with the small text of a cell in brackets. */
const rowsOf = (body: string) =>
  Array.from(body.matchAll(/<tr>(.*?)<\/tr>/gs), ([, row = '']) =>
    Array.from(row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs), ([, cell = '']) =>
      plain(cell.replaceAll(/<br><small>(.*?)<\/small>/g, ' ($1)').replaceAll(/<[^>]+>/g, '')),
    ),
  );

test('simulationsSection shows ideal, with overhead, measured and verdict of each figure', () => {
  const [head, ...rows] = rowsOf(bodyOf(simulationsSection(result)));
  expect(head).toEqual(['Variant', 'Figure', 'Ideal', 'With overhead', 'Measured', 'Verdict']);
  expect(rows).toEqual([
    [
      'Arpc-guarded (gateway 2 ms, downstream 1.24 ms)',
      ...['goodput', '75 % (68 % to 83 %)', '77 % (69 % to 85 %)', '77 %', '= agrees'],
    ],
    ['attempts/ request', '1 (0.9 to 1.1)', '1.5 (1.35 to 1.65)', '1.6', '≈ explained by the overhead'],
    ['p50', '100 ms (90 ms to 110 ms)', '200 ms (180 ms to 220 ms)', '500 ms', '–'],
    [
      'Brpc-retries-bulkhead-40 (overhead unknown)',
      ...['p99', '100 ms (90 ms to 110 ms)', '–', '200 ms', '≠ differs'],
    ],
  ]);
});

test('simulationsSection is the reason alone if nothing was simulated, and null without simulations', () => {
  const none = { seeds: [], reason: 'Not simulated: faults.', variants: [] };
  expect(simulationsSection({ ...result, simulations: none })).toEqual({ lead: none.reason, body: null });
  expect(simulationsSection(makeResult())).toBeNull();
});
