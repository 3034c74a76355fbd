import { catalogue } from '#kit/metrics.ts';

/** Values of a scrape by series, e.g. `spillway_requests_total{outcome="ok"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Parses the Prometheus text format. Labels stay as they are in the text. */
export function parseMetrics(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const space = line.lastIndexOf(' ');
    samples.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return samples;
}

/** Sums all series of a metric. `label` selects some of the series, e.g. `outcome="ok"`. */
export function total(samples: Samples, name: string, label = ''): number {
  let sum = 0;
  const labelled = `${name}{`;
  for (const [series, value] of samples) {
    if ((series === name || series.startsWith(labelled)) && series.includes(label)) sum += value;
  }
  return sum;
}

/** Sums a metric by the value of a label. Ignores series with the value 0. */
export function byLabel(samples: Samples, name: string, label: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [series, value] of samples) {
    if (!series.startsWith(`${name}{`) || value === 0) continue;
    const [, key] = series.match(new RegExp(`[{,]${label}="([^"]*)"`)) ?? [];
    if (key !== undefined) sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

/** Combines the samples of a service's processes: sums, unless the catalogue of metrics has another rule. */
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

/** Returns the rule that combines the values of a metric from several processes; undefined if they are summed. */
export const ruleOf = (name: string): 'highest' | 'least' | undefined =>
  (catalogue as Readonly<Record<string, { together?: 'highest' | 'least' }>>)[name]?.together;

function joined(series: string, one: number, other: number): number {
  const rule = ruleOf(series.replace(/\{.*/, ''));
  if (rule === undefined) return one + other;
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) ? other : one;
  return rule === 'highest' ? Math.max(one, other) : Math.min(one, other);
}
