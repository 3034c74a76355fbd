import { expect, test } from 'vitest';
import { sweepCsv } from '#lab/explore/csv.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

test('sweepCsv has a row for each point, variant and figure, and quotes texts with a comma', () => {
  const sweep = sweepOf({ 'load*': [0.5] }, () => ({ goodput: 0.75, metastable: 0.5, holds: 0 }));
  const text = sweepCsv({ ...sweep, hypotheses: ['goodput(calls, 1s) > 0.5'] });
  expect(text.split('\r\n')).toEqual([
    'load*,variant,figure,value,low,high,seeds',
    '0.5,calls,goodput,0.75,0.7,0.8,20',
    '0.5,calls,P(collapsed),0,0,0.1,20',
    '0.5,calls,P(metastable),0.5,0.4,0.6,20',
    '0.5,,"P(goodput(calls, 1s) > 0.5)",0,0,0.1,20',
    '0.5,,P(all hypotheses hold),0,0,0.1,20',
    '',
  ]);
});
