import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileOf } from '#lab/experiment/course.ts';
import { explain, type Fact } from '#lab/experiment/limits/explain.ts';
import { subjectOf } from '#lab/experiment/limits/subject.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { spillwayHere as spillway } from '#test/support/spillway-here.ts';
import { type Fields, ideal } from '#test/unit/laws/ideal.ts';

const names = readdirSync('experiments')
  .filter((name) => /^\d.*\.yaml$/.test(name))
  .map((name) => basename(name, '.yaml'));

/** Variants of the course, each once for each pair of policies and dependency, with the facts of a kind. */
function explained(about: string) {
  const seen = new Set<string>();
  return names.flatMap((name) => {
    const { experiment } = readExperiment(fileOf(name));
    return explain(experiment).flatMap(({ variant, facts }) => {
      const of = facts.filter((fact) => fact.about === about);
      const subject = subjectOf(experiment, experiment.variants[variant]!);
      const { policies, downstream, path } = subject.variant;
      const key = JSON.stringify([policies, path, downstream ?? experiment.downstream, of]);
      if (of.length === 0 || seen.has(key)) return [];
      seen.add(key);
      const factOf = (kind: string) => facts.find((fact) => fact.about === kind);
      return [{ title: `${name} ${variant}`, name, variant, subject, fact: of[0] as Fact, facts, factOf }];
    });
  });
}

/** Replaces the load, and takes away what disturbs: faults, changes and replicas. */
function under(load: object, model?: object) {
  return (fields: Fields) => {
    for (const name of ['faults', 'redrives', 'recovery', 'validity', 'replicas', 'warmup'])
      delete fields[name];
    Object.assign(fields, { load: [{ arrivals: load }], drainMs: 600_000 });
    for (const variant of Object.values(fields.variants) as Fields[]) {
      delete variant.changes;
      if (model) variant.downstream = { ...variant.downstream, model };
    }
  };
}

const constant = (ratePerSecond: number, forMs: number) => ({ kind: 'constant', ratePerSecond, forMs });
const has = (policies: readonly object[], ...some: string[]) =>
  policies.some((policy) => some.some((name) => name in policy));

/** Time in ms after which the lab looks again if all work has ended, with what a broker adds. */
const lookMs = 65;

describe('attempts and longest wait: a dependency that fails at the last moment gets all of them', () => {
  test.each(explained('attempts'))('$title', async ({ name, variant, subject, fact, factOf }) => {
    const { attemptMs } = subject.longest;
    const model = { kind: 'fixed', latencyMs: attemptMs < Infinity ? attemptMs + 1 : 5, failureRatio: 1 };
    const { amplification, ok, result } = await ideal(name, variant, under(constant(1, 3000), model));
    expect(ok).toBe(0);
    expect(amplification).toBeLessThanOrEqual(fact.value);
    const { policies } = subject.variant;
    const isSpared =
      has(policies, 'breaker', 'deadline') || policies.some((spec) => 'retry' in spec && spec.retry.budget);
    if (!isSpared) expect(amplification).toBe(fact.value);
    expect(result.durationMs - 2000).toBeLessThanOrEqual(factOf('longest wait')!.value + lookMs);
  });
});

describe('timeout: it cuts the stated share of calls that meet no other', () => {
  test.each(explained('timeout'))('$title', async ({ name, variant, subject, fact }) => {
    const apartMs = 1.1 * subject.healthy.quantileMs(1) + 1;
    const load = constant(1000 / apartMs, (fact.value === 0 ? 20 : 400) * apartMs);
    const { attempts, attemptTimeouts } = await ideal(name, variant, under(load));
    const expected = fact.value * attempts;
    expect(Math.abs(attemptTimeouts - expected)).toBeLessThanOrEqual(4 * Math.sqrt(expected));
  });
});

describe('capacity and bulkhead: an overload completes no more, and gets through the bulkhead', () => {
  test.each([...explained('capacity'), ...explained('bulkhead')])('$title', async (each) => {
    const { name, variant, factOf, facts } = each;
    // Those of one variant of the course stand side by side, one for each class.
    const bulkheads = facts.filter(({ about }) => about === 'bulkhead');
    const most = factOf('capacity')?.value ?? Infinity;
    const passing = bulkheads.length > 0 ? bulkheads.reduce((sum, { value }) => sum + value, 0) : Infinity;
    const rate = Math.min(6000, 3 * Math.min(most, passing));
    const { ok, attempts, result } = await ideal(name, variant, under(constant(rate, 600_000 / rate)));
    const perSecond = (count: number) => (count * 1000) / result.durationMs;
    expect(perSecond(ok)).toBeLessThanOrEqual(most);
    if (passing === Infinity) return;
    expect(perSecond(attempts)).toBeLessThanOrEqual(1.02 * passing);
    expect(perSecond(attempts)).toBeGreaterThan(0.85 * passing);
  });
});

describe('breaker: it opens after the stated number of failures', () => {
  test.each(explained('breaker'))('$title', async ({ name, variant, subject, fact }) => {
    const model = { kind: 'fixed', latencyMs: 0, failureRatio: 1 };
    const { attempts } = await ideal(name, variant, under(constant(1000, 400), model));
    // A retry may meet another attempt.
    expect(Math.abs(attempts - fact.value * subject.clients)).toBeLessThanOrEqual(1);
  });
});

describe('budget: a dependency that always fails gets no more retries', () => {
  test.each(explained('budget'))('$title', async ({ name, variant, subject, fact }) => {
    const model = { kind: 'fixed', latencyMs: 1, failureRatio: 1 };
    const { retries } = await ideal(name, variant, under(constant(subject.rates!.low, 5000), model));
    expect(retries).toBeLessThanOrEqual(5 * fact.value);
    expect(retries).toBeGreaterThan(4 * fact.value);
  });
});

describe('metastable: above the stated rate a spike outlives itself', () => {
  test.each(explained('metastable'))('$title', async ({ name, variant, subject, fact }) => {
    const { hypothesis } = subject.experiment;
    const window = hypothesis.flatMap((text) => /metastable\([\w-]+, (.*?)\)/.exec(text)?.[1] ?? [])[0]!;
    const asked = (fields: Fields) => {
      fields.hypothesis = [`metastable(${variant}, ${window}) == 0`];
    };
    const values = await ideal(name, variant, asked, true);
    expect(values.in(window).metastable).toBe(Number(subject.rates!.low > fact.value));
  });
});

test('explain prints whole lines outside a terminal, those of all variants once, and JSON', async () => {
  const { code, stdout } = await spillway(['explain', '05']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\n\nAll variants\n {2}timeout .*\n {2}capacity .*\n\none-try\n/);
  expect(stdout.match(/ {2}timeout /g)).toHaveLength(1);
  expect(stdout).toMatch(
    /\nthree-tries\n {2}attempts +At most 3 attempts per request: .*\n {2}longest wait +A caller .*\n/,
  );
  const json = await spillway(['explain', '05', '--json']);
  const [, { variant, facts }] = JSON.parse(json.stdout);
  expect([variant, facts[0]]).toEqual([
    'three-tries',
    expect.objectContaining({ about: 'attempts', value: 3 }),
  ]);
});
