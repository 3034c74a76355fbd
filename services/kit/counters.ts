export type Labels = Readonly<Record<string, string | number>>;

/** Values of a metric by their series in the text of Prometheus, such as `spillway_requests_total{outcome="ok"}`. */
export type Values = readonly (readonly [series: string, value: number])[];

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  read(): Values | Promise<Values>;
}

export interface About extends Pick<Metric, 'name' | 'help'> {
  readonly labelNames: readonly string[];
}

export function seriesOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(String(value))}"`);
  return pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

/** Returns the series of a metric. Labels are checked only when a series begins, since counting must cost little. */
function allSeries<S>(names: readonly string[], begin: (labels: Labels) => S) {
  const byKey = new Map<unknown, S>();
  const added = (key: unknown, labels: Labels): S => {
    const unknown = Object.keys(labels).find((name) => !names.includes(name));
    if (unknown !== undefined)
      throw new Error(`expected the labels ${names.join(', ') || 'of none'}, got ${unknown}`);
    const series = begin(labels);
    byKey.set(key, series);
    return series;
  };
  /** Returns the series with these labels. Begins it if there is none. Throws for labels that the metric hasn't. */
  const of = (labels: Labels): S => {
    const key = names.length === 1 ? labels[names[0]!] : names.map((name) => labels[name] ?? '').join('|');
    return byKey.get(key) ?? added(key, labels);
  };
  if (names.length === 0) of(none);
  return {
    of,
    /** Returns a function that returns the series with these labels, which begins with the first call. */
    lazily(labels: Labels): () => S {
      let series: S | undefined;
      return () => {
        series ??= of(labels);
        return series;
      };
    },
    all: (): S[] => [...byKey.values()],
  };
}

const none: Labels = {};

export type Counter = ReturnType<typeof counterOf>;

/** Returns a counter of our own, as all metrics are, since those of prom-client take ten times as long. */
export function counterOf({ name, help, labelNames }: About) {
  const all = allSeries(labelNames, (labels) => ({ series: seriesOf(name, labels), value: 0 }));
  return {
    ...{ name, help, type: 'counter' },
    inc(labels: Labels | number = none, by = 1): void {
      if (typeof labels === 'number') all.of(none).value += labels;
      else all.of(labels).value += by;
    },
    /** Returns a counter of the series with these labels, which begins with its first count. */
    labels(labels: Labels): { inc(by?: number): void } {
      const series = all.lazily(labels);
      return {
        inc: (by = 1) => {
          series().value += by;
        },
      };
    },
    read: (): Values => all.all().map(({ series, value }) => [series, value]),
  };
}

/** Current value; null if there is none. A metric with labels has a list of values with their labels. */
type Gauged = number | null | readonly (readonly [Labels, number])[];

/** `collect` returns the value at each scrape. Without it, `value` is the gauge's value. */
export function gaugeOf({ name, help }: About, collect?: () => Gauged | Promise<Gauged>) {
  const valuesOf = (gauged: Gauged): Values => {
    if (gauged === null) return [];
    if (typeof gauged === 'number') return [[name, gauged]];
    return gauged.map(([labels, value]) => [seriesOf(name, labels), value]);
  };
  const gauge = {
    ...{ name, help, type: 'gauge', value: 0 },
    read(): Values | Promise<Values> {
      const gauged = collect ? collect() : gauge.value;
      return gauged instanceof Promise ? gauged.then(valuesOf) : valuesOf(gauged);
    },
  };
  return gauge;
}

export interface Distribution {
  /** Number of values in each bucket, without those of the buckets below. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Returns a distribution without values. `bounds` has the bounds of the buckets, ascending. */
export const emptyDistribution = (bounds: readonly number[]): Distribution => ({
  counts: bounds.map(() => 0),
  sum: 0,
  count: 0,
});

export function addValue(to: Distribution, bounds: readonly number[], value: number): void {
  let bucket = 0;
  while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
  if (bucket < bounds.length) to.counts[bucket]! += 1;
  to.sum += value;
  to.count += 1;
}

/** Adds all values of a distribution, times `sign`, to another with the same bounds. */
export function addAll(to: Distribution, values: Distribution, sign: 1 | -1 = 1): Distribution {
  for (const [bucket, count] of values.counts.entries()) to.counts[bucket]! += sign * count;
  to.sum += sign * values.sum;
  to.count += sign * values.count;
  return to;
}

/** Returns a distribution of values. `bounds` has the bounds of the buckets, ascending. */
export function histogramOf({ name, help, labelNames }: About, bounds: readonly number[]) {
  const all = allSeries(labelNames, (labels) => ({
    series: [
      ...[...bounds, '+Inf'].map((le) => seriesOf(`${name}_bucket`, { le, ...labels })),
      ...['sum', 'count'].map((part) => seriesOf(`${name}_${part}`, labels)),
    ],
    ...emptyDistribution(bounds),
  }));
  return {
    ...{ name, help, type: 'histogram' },
    observe(...[labels, value]: [value: number] | [labels: Labels, value: number]): void {
      if (typeof labels === 'number') addValue(all.of(none), bounds, labels);
      else addValue(all.of(labels), bounds, value!);
    },
    /** Returns a histogram of the series with these labels, which begins with its first value. */
    labels(labels: Labels): { observe(value: number): void } {
      const series = all.lazily(labels);
      return { observe: (value) => addValue(series(), bounds, value) };
    },
    /** Adds the values that another process has observed, in buckets of the same bounds. */
    add(labels: Labels, values: Distribution): void {
      addAll(all.of(labels), values);
    },
    read: (): Values =>
      all.all().flatMap(({ series, counts, sum, count }) => {
        let below = 0;
        const upTo = counts.map((inBucket) => {
          below += inBucket;
          return below;
        });
        return [...upTo, count, sum, count].map((value, at) => [series[at]!, value] as const);
      }),
  };
}
