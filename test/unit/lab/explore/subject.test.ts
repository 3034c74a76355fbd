import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkPoints, fieldsAt, openSubject } from '#lab/explore/subject.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';

const source = readFileSync(new URL('../../../../experiments/05-metastable.yaml', import.meta.url), 'utf8');
const text = { name: '05', file: '05.yaml', source };

test('openSubject reads the experiment once per seed and at full speed, and changes it', () => {
  const subject = openSubject({
    text: { ...text, source: `repeat: 5\nslowMotion: auto\n${source}` },
    seed: 9,
  });
  expect(subject.file.experiment).toMatchObject({ repeat: 1, slowMotion: 1, seed: 9 });
  expect(subject.with(new Map([['/deadlineMs', 800]])).experiment.deadlineMs).toBe(800);
  expect(subject.file.experiment.deadlineMs).toBe(1000);
});

test('openSubject adds hypotheses to those of the file', () => {
  const added = ['goodput(budget) > 0.5', 'goodput(budget, phase later) > 0.9'];
  const subject = openSubject({ text, only: ['budget'], hypotheses: added });
  // The last two of the file and one of the added ones; the other stands in the file.
  const { hypothesis } = subject.file.experiment;
  expect(hypothesis.slice(-1)).toEqual(added.slice(0, 1));
  expect(subject.with(new Map()).experiment.hypothesis).toEqual(hypothesis);
});

test.each([
  ['goodput(budgt) > 0.5', /^'goodput\(budgt\) > 0.5': unknown variant budgt/],
  ['goodnes(budget) > 0.5', /^'goodnes\(budget\) > 0.5': unknown metric goodnes/],
  ['goodput(one-try) > 0.5', /'goodput\(one-try\) > 0.5': names a variant that --only leaves out/],
])('openSubject refuses the hypothesis %s', (hypothesis, problem) => {
  expect(() => openSubject({ text, only: ['budget'], hypotheses: [hypothesis] })).toThrow(problem);
});

test('field refuses an unknown path, and names the option', () => {
  expect(() => openSubject({ text }).field('variants.budgt.x', '--vary')).toThrow(
    /^--vary variants.budgt.x: no field budgt, did you mean budget\?$/,
  );
});

test('checkPoints refuses the first invalid point by the option, in one line', () => {
  const subject = openSubject({ text });
  const field = subject.field('load[1].arrivals.ratePerSecond', '--vary');
  checkPoints({ subject, fields: [field] }, '--vary', [[100]]);
  expect(() => checkPoints({ subject, fields: [field] }, '--vary', [[100], [200_000]])).toThrow(
    /^--vary load\[1\]\.arrivals\.ratePerSecond=200000: load\[1\]\.arrivals\.ratePerSecond: expected a number <= 100000, got 200000$/,
  );
});

const retries = 'variants.budget.policies.retry.maxRetries';

test.each([
  ['the same path', ['load*', 'load*']],
  ['load* beside a rate', ['load*', 'load[1].arrivals.ratePerSecond']],
  ['a path with and without its index', [retries, 'variants.budget.policies[0].retry.maxRetries']],
])('fieldsAt refuses %s', (_, paths) => {
  expect(() => fieldsAt(openSubject({ text }), '--within', ['deadlineMs', ...paths])).toThrow(
    new InputError(`--within: expected paths to different numbers, got ${paths.join(' and ')}`),
  );
});

test('fieldsAt takes other numbers of the same phase or policy', () => {
  const paths = ['load*', 'load[1].arrivals.forMs', retries, 'variants.budget.policies.retry.budget.ratio'];
  expect(fieldsAt(openSubject({ text }), '--vary', paths).map(({ path }) => path)).toEqual(paths);
});
