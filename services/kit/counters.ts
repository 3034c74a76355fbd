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

/** Series of a metric. The labels of a series are checked only when it begins, since counting must cost little. */
class AllSeries<S> {
  readonly #names: readonly string[];
  readonly #begin: (labels: Labels) => S;
  readonly #byKey = new Map<unknown, S>();

  constructor(names: readonly string[], begin: (labels: Labels) => S) {
    this.#names = names;
    this.#begin = begin;
    if (names.length === 0) this.of(none);
  }

  /** Returns the series with these labels. Begins it if there is none. Throws for labels that the metric hasn't. */
  of(labels: Labels): S {
    const names = this.#names;
    const key = names.length === 1 ? labels[names[0]!] : names.map((name) => labels[name] ?? '').join('|');
    return this.#byKey.get(key) ?? this.#added(key, labels);
  }

  /** Returns a function that returns the series with these labels, which begins with the first call. */
  lazily(labels: Labels): () => S {
    let series: S | undefined;
    return () => {
      series ??= this.of(labels);
      return series;
    };
  }

  all(): S[] {
    return [...this.#byKey.values()];
  }

  #added(key: unknown, labels: Labels): S {
    const unknown = Object.keys(labels).find((name) => !this.#names.includes(name));
    if (unknown !== undefined)
      throw new Error(`expected the labels ${this.#names.join(', ') || 'of none'}, got ${unknown}`);
    const series = this.#begin(labels);
    this.#byKey.set(key, series);
    return series;
  }
}

const none: Labels = {};

/** Metrics of our own, since those of prom-client take ten times as long. */
export class Counter implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'counter';
  readonly #series: AllSeries<{ readonly series: string; value: number }>;

  constructor({ name, help, labelNames }: About) {
    this.name = name;
    this.help = help;
    this.#series = new AllSeries(labelNames, (labels) => ({ series: seriesOf(name, labels), value: 0 }));
  }

  inc(labels: Labels | number = none, by = 1): void {
    if (typeof labels === 'number') this.#series.of(none).value += labels;
    else this.#series.of(labels).value += by;
  }

  /** Returns a counter of the series with these labels, which begins with its first count. */
  labels(labels: Labels): { inc(by?: number): void } {
    const series = this.#series.lazily(labels);
    return {
      inc: (by = 1) => {
        series().value += by;
      },
    };
  }

  read(): Values {
    return this.#series.all().map(({ series, value }) => [series, value]);
  }
}

/** Current value; null if there is none. A metric with labels has a list of values with their labels. */
type Gauged = number | null | readonly (readonly [Labels, number])[];

export class Gauge implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'gauge';
  /** Value of a gauge without `collect`. */
  value = 0;
  readonly #collect: () => Gauged | Promise<Gauged>;

  constructor({ name, help }: About, collect?: () => Gauged | Promise<Gauged>) {
    this.name = name;
    this.help = help;
    this.#collect = collect ?? (() => this.value);
  }

  read(): Values | Promise<Values> {
    const { name } = this;
    const valuesOf = (gauged: Gauged): Values => {
      if (gauged === null) return [];
      if (typeof gauged === 'number') return [[name, gauged]];
      return gauged.map(([labels, value]) => [seriesOf(name, labels), value]);
    };
    const gauged = this.#collect();
    return gauged instanceof Promise ? gauged.then(valuesOf) : valuesOf(gauged);
  }
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

/** Distribution of values. `buckets` has the bounds of the buckets, ascending. */
export class Histogram implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #bounds: readonly number[];
  readonly #series: AllSeries<Distribution & { readonly series: readonly string[] }>;

  constructor({ name, help, labelNames }: About, buckets: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = buckets;
    this.#series = new AllSeries(labelNames, (labels) => ({
      series: [
        ...[...buckets, '+Inf'].map((le) => seriesOf(`${name}_bucket`, { le, ...labels })),
        ...['sum', 'count'].map((part) => seriesOf(`${name}_${part}`, labels)),
      ],
      ...emptyDistribution(buckets),
    }));
  }

  observe(value: number): void;
  observe(labels: Labels, value: number): void;
  observe(labels: Labels | number, labelled = 0): void {
    if (typeof labels === 'number') addValue(this.#series.of(none), this.#bounds, labels);
    else addValue(this.#series.of(labels), this.#bounds, labelled);
  }

  /** Returns a histogram of the series with these labels, which begins with its first value. */
  labels(labels: Labels): { observe(value: number): void } {
    const series = this.#series.lazily(labels);
    return { observe: (value) => addValue(series(), this.#bounds, value) };
  }

  /** Adds the values that another process has observed, in buckets of the same bounds. */
  add(labels: Labels, values: Distribution): void {
    addAll(this.#series.of(labels), values);
  }

  read(): Values {
    return this.#series.all().flatMap(({ series, counts, sum, count }) => {
      let below = 0;
      const upTo = counts.map((inBucket) => {
        below += inBucket;
        return below;
      });
      return [...upTo, count, sum, count].map((value, at) => [series[at]!, value] as const);
    });
  }
}
