import { styleText } from 'node:util';
import { expect, test } from 'vitest';
import { painter, printed } from '#lab/report/terminal/paper.ts';
import { predictionLines } from '#lab/report/terminal/predictions.ts';
import type { Prediction } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const predicted = (metric: string, value: number, measured: number | null, ok: boolean): Prediction => ({
  metric,
  predicted: value,
  measured,
  ok,
  tolerance: '±10 %',
  why: '',
});
const lines = (predictions: Prediction[], width = 130, colour = false) =>
  printed([
    predictionLines(
      alter(makeResult({ variants: 1 }), 'rpc-guarded', { predictions }),
      painter({ colour, width }),
      width,
    ),
  ]).split('\n');

test('predictionLines shows what was measured, what was predicted, and whether they agree', () => {
  const few = [predicted('amplification', 1.81, 1.8, true), predicted('goodput1000Ms', 0.5, 0.53, true)];
  expect(lines(few).slice(0, 2)).toEqual([
    "The model's forecast beside the measurement. Differences don't affect the verdict.",
    '= rpc-guarded agrees: amplification 1.8 (1.81), goodput in 1 s 53 % (50 %)',
  ]);
  const part = predicted('timeToDrain(after outage)', 8000, 7800, true);
  expect(lines([part])[1]).toBe('= rpc-guarded agrees: time to drain after outage 7.8 s (8 s)');
  const none = predicted('p99Ms', 120, null, false);
  expect(lines([...few, none])[1]).toMatch(/^≠ .* p99 – \(120 ms\)$/);
});

test('predictionLines counts where a variant has more than six', () => {
  const good = predicted('ok', 1, 1, true);
  expect(lines([...Array(6).fill(good), predicted('ok', 1, 9, false)])[1]).toBe(
    '≠ rpc-guarded differs: 6 of 7 figures as predicted',
  );
});

test('predictionLines calls that agreeing what the report does, and says in what', () => {
  const late = predicted('goodput2000Ms', 1, 0.59, false);
  expect(lines([predicted('completed', 2000, 2000, true), late])[1]).toBe(
    '≈ rpc-guarded agrees in counts, not in goodput: completed 2,000 (2,000), goodput in 2 s 59 % (100 %)',
  );
});

test('predictionLines breaks between figures only, and says nothing without any', () => {
  const few = [predicted('amplification', 1.81, 1.8, true), predicted('goodput1000Ms', 0.5, 0.53, true)];
  expect(lines(few, 50).slice(2, 4)).toEqual([
    '= rpc-guarded agrees: amplification 1.8 (1.81),',
    '  goodput in 1 s 53 % (50 %)',
  ]);
  expect(lines([])).toEqual(['']);
});

test('predictionLines is dim, whether a variant agrees or differs', () => {
  for (const ok of [true, false]) {
    const predictions = [predicted('ok', 1, 1, ok)];
    const dim = lines(predictions).map((line) => styleText('dim', line, { validateStream: false }));
    expect(lines(predictions, 130, true)).toEqual(dim);
  }
});

test('predictionLines shows a range', () => {
  const range = { ...predicted('rejected', 950, 1300, true), predictedMax: 1650 };
  expect(lines([range])[1]).toBe('= rpc-guarded agrees: rejected 1,300 (950 to 1,650)');
});
