import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { HypothesisError, parseHypothesis } from '#lab/experiment/hypothesis/grammar.ts';
import { type Hypothesis, printHypothesis } from '#lab/experiment/hypothesis/terms.ts';
import { metric, metricNames, metrics } from '#lab/experiment/metrics/catalogue.ts';

const number = (amount: number, suffix = '') => ({ amount, suffix });

const phases = ['1', 'second half'];
const names = { variants: ['a', 'b', 'events-16'], faults: ['brownout'], phases, classes: ['slow'] };

test.each<[string, object]>([
  ['p99(a)<500ms', { left: { metric: 'p99', variant: 'a' }, operator: '<', right: number(500, 'ms') }],
  ['0.95 <= goodput(a)', { left: number(0.95), operator: '<=', right: { metric: 'goodput', variant: 'a' } }],
  [
    ' goodput( a , 1 s )  >  0.9*goodput(b) ',
    {
      left: { metric: 'goodput', variant: 'a', deadlineMs: 1000 },
      operator: '>',
      right: { factor: 0.9, metric: 'goodput', variant: 'b' },
    },
  ],
  [
    '2*goodput(a) <= 200%',
    { left: { factor: 2, metric: 'goodput', variant: 'a' }, operator: '<=', right: number(200, '%') },
  ],
  ['goodput(a) < 1', { left: { metric: 'goodput', variant: 'a' }, operator: '<', right: number(1) }],
  ['0*ok(a) < 9', { left: { factor: 0, metric: 'ok', variant: 'a' }, operator: '<', right: number(9) }],
  ['lost(a) == 0', { left: { metric: 'lost', variant: 'a' }, operator: '==', right: number(0) }],
  [
    'goodput(a, 1s, after brownout) > 0.9',
    {
      left: {
        metric: 'goodput',
        variant: 'a',
        deadlineMs: 1000,
        window: { part: 'after', fault: 'brownout' },
      },
      operator: '>',
      right: number(0.9),
    },
  ],
  [
    'goodput(a, 1s, class slow) > 0.9',
    {
      left: { metric: 'goodput', variant: 'a', deadlineMs: 1000, window: { part: 'class', class: 'slow' } },
      operator: '>',
      right: number(0.9),
    },
  ],
  [
    'p99(a, phase second half) < 2 * p99(a, 0..1.5s)',
    {
      left: { metric: 'p99', variant: 'a', window: { part: 'phase', phase: 'second half' } },
      operator: '<',
      right: { factor: 2, metric: 'p99', variant: 'a', window: { part: 'span', fromMs: 0, untilMs: 1500 } },
    },
  ],
])('parseHypothesis reads "%s"', (text, hypothesis) => {
  expect(parseHypothesis(text, names)).toEqual(hypothesis);
});

const share = 'beside goodput (a share of the offered requests), got';
const recoveryExpected = 'expected after and a fault, or after phase and its name, since';

test.each([
  ['', 'column 1: expected a metric or a number, got the end'],
  ['goodput(a)', 'column 11: expected one of > >= < <= ==, got the end'],
  ['goodput(a) = 1', 'column 12: expected one of > >= < <= ==, got "="'],
  ['goodput(a) >', 'column 13: expected a metric or a number, got the end'],
  ['goodput a > 1', 'column 9: expected ( and a variant after goodput, got "a"'],
  ['goodput() > 1', 'column 9: expected a variant, got ")"'],
  ['goodput(a > 1', 'column 11: expected ), got ">"'],
  ['goodput(a) > 1 and ok(a) > 1', 'column 16: expected the end, since a line has one hypothesis, got "and"'],
  ['latency(a, p99) < 1s', 'column 1: unknown metric latency, did you mean p99(a)?'],
  ['goodput(a) > 1.2.3', 'column 14: expected a number, perhaps with ms, s or %, got "1.2.3"'],
  ['ok(a) < 1e999', 'column 9: expected a number, perhaps with ms, s or %, got "1e999"'],
  ['p99(a) < 5min', 'column 10: expected a number, perhaps with ms, s or %, got "5min"'],
  ['1 < 2', 'column 5: expected a metric on at least one side'],
  ['5ms * p99(a) < 1s', 'column 1: expected a plain number before *, got "5ms"'],
  ['p99(a) < 500', 'column 10: expected a number with ms or s beside p99 (a time), got 500'],
  ['goodput(a) > 5ms', `column 14: expected a number without a unit or with % ${share} 5ms`],
  ['goodput(a) > 95', `column 14: expected a number from 0 to 1 ${share} 95, did you mean 95%?`],
  ['100.1% >= goodput(a)', `column 1: expected a number from 0 to 1 ${share} 100.1%`],
  ['2*goodput(a) < 201', `column 16: expected a number from 0 to 2 ${share} 201`],
  ['5% < retries(a)', 'column 1: expected a number without a unit beside retries (attempts), got 5%'],
  ['attempts(a) > 2 * offered(a)', 'column 15: expected the same unit on both sides, got attempts (att'],
  ['p99(a, 1s) < 1s', 'column 8: expected ) since only goodput takes a deadline, got "1s"'],
  ['goodput(a, after brown) > 0.9', 'column 18: unknown fault brown, did you mean brownout?'],
  ['goodput(a, class quick) > 0.9', 'column 18: unknown class quick, expected one of slow'],
  ['goodput(a, phase 3) > 0.9', 'column 18: unknown phase 3, expected one of 1, second half'],
  ['retries(a, after brownout) > 9', 'column 12: expected ) since retries is only known of the whole run'],
  ['timeToRecover(a) < 9s', `column 16: ${recoveryExpected} timeToRecover measures`],
  ['lostGoodput(a, during brownout) < 9', `column 16: ${recoveryExpected} lostGoodput measures`],
  ['metastable(a, after brownout) == 2', 'expected a number from 0 to 1 beside metastable (1 for yes'],
  ['goodput(a, 1s, 2s) > 0.9', 'column 16: expected ), got "2s"'],
  ['goodput(a, 1s..2s, phase 1) > 0.9', 'column 20: expected ), got "phase 1"'],
  ['goodput(a, 5s..2s) > 0.9', /^column 12: expected a deadline .*, or a window: .*, got "5s..2s"$/],
  ['goodput(aa) > 1', 'column 9: unknown variant aa, did you mean a?'],
  ['goodput(event-16) > 1', 'column 9: unknown variant event-16, did you mean events-16?'],
])('parseHypothesis refuses "%s" and says where', (text, message) => {
  expect(() => parseHypothesis(text, names)).toThrow(HypothesisError);
  expect(() => parseHypothesis(text, names)).toThrow(message);
});

test('parseHypothesis names every unknown metric and variant at once', () => {
  expect(() => parseHypothesis('goodputt(b) > speed(a)', { ...names, variants: ['a'] })).toThrow(
    'column 1: unknown metric goodputt, did you mean goodput?; ' +
      'column 10: unknown variant b, expected one of a; ' +
      `column 15: unknown metric speed, expected one of ${metricNames.join(', ')}`,
  );
});

test('parseHypothesis knows neither metrics nor variants that every object has', () => {
  expect(() => parseHypothesis('constructor(a) > 1', names)).toThrow('unknown metric constructor');
  expect(() => parseHypothesis('ok(toString) > 1', names)).toThrow('unknown variant toString');
});

const amount = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(Math.abs);
const measure = (unit?: string) =>
  fc.record(
    {
      factor: amount,
      metric: fc.constantFrom(
        ...metricNames.filter(
          (name) => metric(name).only !== 'after' && (!unit || metrics[name].unit === unit),
        ),
      ),
      variant: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
    },
    { requiredKeys: ['metric', 'variant'] },
  );
const at = fc.integer({ min: 0, max: 3_600_000 });
const window = fc.oneof(
  fc.record({
    part: fc.constantFrom('before', 'during', 'after'),
    fault: fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/),
  }),
  fc.record({
    part: fc.constantFrom('phase', 'after phase'),
    phase: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ]{0,9}[a-z]$/),
  }),
  fc
    .tuple(at, at)
    .filter(([from, until]) => from < until)
    .map(([fromMs, untilMs]) => ({ part: 'span', fromMs, untilMs })),
);
const goodput = fc.record(
  {
    factor: amount,
    metric: fc.constant('goodput' as const),
    variant: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
    window,
    deadlineMs: fc.double({ min: 1e-6, max: 3_600_000, noNaN: true }),
  },
  { requiredKeys: ['metric', 'variant'] },
);
const recovered = fc.record({
  metric: fc.constant('timeToRecover' as const),
  variant: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
  window: fc.record({ part: fc.constant('after'), fault: fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/) }),
});
const shares = fc.oneof(
  fc.record({ amount: fc.double({ min: 0, max: 1, noNaN: true }).map(Math.abs), suffix: fc.constant('') }),
  fc.record({ amount: fc.double({ min: 0, max: 100, noNaN: true }).map(Math.abs), suffix: fc.constant('%') }),
);
const comparable = fc.oneof(
  fc.tuple(goodput, goodput),
  fc.tuple(
    goodput.map(({ factor, ...rest }) => (factor === undefined ? rest : { ...rest, factor: 1 + factor })),
    shares,
  ),
  fc.tuple(
    measure('ms'),
    fc.oneof(measure('ms'), recovered, fc.record({ amount, suffix: fc.constantFrom('ms', 's') })),
  ),
  ...['requests', 'attempts', 'effects', 'factor'].map((unit) =>
    fc.tuple(measure(unit), fc.oneof(measure(unit), fc.record({ amount, suffix: fc.constant('') }))),
  ),
);
const hypothesis = fc
  .tuple(comparable, fc.boolean(), fc.constantFrom('>', '>=', '<', '<=', '=='))
  .map(([[a, b], swap, operator]) =>
    swap ? { left: b, operator, right: a } : { left: a, operator, right: b },
  );

test.prop([hypothesis])('parseHypothesis reads what printHypothesis writes', (written) => {
  expect(parseHypothesis(printHypothesis(written as Hypothesis))).toEqual(written);
});

const scraps = fc
  .array(fc.constantFrom(' ', ...'goodput p99 ( ) a , 1s 0.5 * > <= == % - é'.split(' ')))
  .map((parts) => parts.join(''));

test.prop([fc.oneof(fc.string(), scraps)])('parseHypothesis reads a text or says where it fails', (text) => {
  try {
    parseHypothesis(text);
  } catch (error) {
    expect(error).toBeInstanceOf(HypothesisError);
    const { problems } = error as HypothesisError;
    expect(problems.length).toBeGreaterThan(0);
    for (const { column } of problems) {
      expect(column).toBeGreaterThanOrEqual(1);
      expect(column).toBeLessThanOrEqual(text.length + 1);
    }
  }
});
