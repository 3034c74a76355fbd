import { catalogue } from '#kit/metrics.ts';

/** Metric samples of one scrape: the series as written, e.g. `spillway_requests_total{outcome="ok"}`, to its value. */
export type Samples = ReadonlyMap<string, number>;

/** Reads the Prometheus text format; labels stay as they are written. */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/** The sum over all series of a metric, or 0 when there is none; `label` narrows it, e.g. `outcome="ok"`. */
export function total(samples: Samples, name: string, label = ''): number {
  let sum = 0;
  for (const [series, value] of samples) {
    if ((series === name || series.startsWith(`${name}{`)) && series.includes(label)) sum += value;
  }
  return sum;
}

/** The sums of a metric by the value of a label; series of 0 are left out. */
export function byLabel(samples: Samples, name: string, label: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [series, value] of samples) {
    if (!series.startsWith(`${name}{`) || value === 0) continue;
    const [, key] = series.match(new RegExp(`[{,]${label}="([^"]*)"`)) ?? [];
    if (key !== undefined) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

/** What several processes of a service say together: the sum, but for what the catalogue has otherwise. */
export function together(scrapes: readonly Samples[]): Samples {
  const all = new Map<string, number>();
  for (const samples of scrapes) {
    for (const [series, value] of samples) {
      const before = all.get(series);
      all.set(series, before === undefined ? value : joined(series, before, value));
    }
  }
  return all;
}

/** What several processes say together of a metric, where it is not the sum. */
export const ruleOf = (name: string): 'highest' | 'least' | undefined =>
  (catalogue as Readonly<Record<string, { together?: 'highest' | 'least' }>>)[name]?.together;

function joined(series: string, one: number, other: number): number {
  const rule = ruleOf(series.replace(/\{.*/, ''));
  if (rule === undefined) return one + other;
  // Who does not know is no witness.
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) ? other : one;
  return rule === 'highest' ? Math.max(one, other) : Math.min(one, other);
}
