import { fc, test } from '@fast-check/vitest';
import { Registry, Counter as TheirCounter, Histogram as TheirHistogram } from 'prom-client';
import { describe, expect } from 'vitest';
import { counterOf, histogramOf, type Metric } from '#kit/counters.ts';
import { Metrics } from '#kit/metrics.ts';

const about = (labelNames: string[]) => ({ name: 'a_total', help: 'A.', labelNames });
const word = fc.constantFrom('ok', 'late', '');
const changes = fc.array(fc.tuple(fc.record({ outcome: word, path: word }), fc.nat(3)));

/** Returns a metric and that of prom-client, and what both export. */
function pair<A extends Metric, B>(ours: A, Theirs: new (options: never) => B, own: object) {
  const registry = new Registry();
  const theirs = new Theirs({ ...own, registers: [registry] } as never);
  const metrics = new Metrics();
  metrics.add(ours);
  return { ours, theirs, texts: async () => [await metrics.text(), await registry.metrics()] };
}

const counters = (labelNames: string[]) =>
  pair(counterOf(about(labelNames)), TheirCounter<string>, about(labelNames));

describe('counterOf', () => {
  test.prop([changes])('exports the same text as that of prom-client', async (all) => {
    const { ours, theirs, texts } = counters(['outcome', 'path']);
    for (const [labels, by] of all) {
      ours.inc(labels, by);
      theirs.inc(labels, by);
    }
    const [text, expected] = await texts();
    expect(text).toBe(expected);
  });

  test('without labels exports 0 from the start, and counts by 1 or by a number', async () => {
    const { ours, theirs, texts } = counters([]);
    expect((await texts())[0]).toContain('\na_total 0\n');
    for (const one of [ours, theirs]) {
      one.inc();
      one.inc(1.5);
    }
    const [text, expected] = await texts();
    expect(text).toBe(expected);
    expect(text).toContain('\na_total 2.5\n');
  });

  test('counts in a series that was taken before', async () => {
    const { ours, texts } = counters(['outcome']);
    const ok = ours.labels({ outcome: 'ok' });
    ours.labels({ outcome: 'late' }); // begins no series
    ok.inc();
    ours.inc({ outcome: 'ok' });
    ok.inc(2);
    expect((await texts())[0]).toBe('# HELP a_total A.\n# TYPE a_total counter\na_total{outcome="ok"} 4\n');
  });

  test.each([[['outcome']], [['outcome', 'path']]])('with the labels %j refuses others', (names) => {
    const counter = counterOf(about(names));
    expect(() => counter.inc({ id: 'r1' })).toThrow('got id');
  });
});

describe('histogramOf', () => {
  const buckets = [0.5, 1.5, 2.5];
  const histograms = (names: string[]) =>
    pair(histogramOf(about(names), buckets), TheirHistogram<string>, { ...about(names), buckets });

  test.prop([fc.array(fc.tuple(word, fc.double({ min: 0, max: 4, noNaN: true })))])(
    'exports the same text as that of prom-client',
    async (all) => {
      const { ours, theirs, texts } = histograms(['outcome']);
      for (const [outcome, value] of all) {
        ours.observe({ outcome }, value);
        theirs.observe({ outcome }, value);
      }
      const [text, expected] = await texts();
      expect(text).toBe(expected);
    },
  );

  test('observes in a series that was taken before', async () => {
    const { ours, theirs, texts } = histograms(['outcome']);
    ours.labels({ outcome: 'late' }); // begins no series
    ours.labels({ outcome: 'ok' }).observe(1);
    theirs.observe({ outcome: 'ok' }, 1);
    const [text, expected] = await texts();
    expect(text).toBe(expected);
  });

  test('puts a value at a bound into the bucket below, and one beyond all bounds only into +Inf', async () => {
    const { ours, theirs, texts } = histograms([]);
    for (const one of [ours, theirs]) for (const value of [0.5, 2.6]) one.observe(value);
    const [text, expected] = await texts();
    expect(text).toBe(expected);
    expect(text).toContain('_bucket{le="0.5"} 1\n');
    expect(text).toContain('_bucket{le="2.5"} 1\n');
    expect(text).toContain('_bucket{le="+Inf"} 2\n');
  });
});
