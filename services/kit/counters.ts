import type { Counter as Exported, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;

interface About {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Registry that exports the metric. */
  readonly registers: readonly Registry[];
}

/** Series of a metric. The labels of a series are checked only when it begins, since counting must cost little. */
class AllSeries<S> {
  readonly #names: readonly string[];
  readonly #begin: (labels: Labels) => S;
  readonly #byKey = new Map<string | undefined, S>();

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

  all(): S[] {
    return [...this.#byKey.values()];
  }

  #added(key: string | undefined, labels: Labels): S {
    const unknown = Object.keys(labels).find((name) => !this.#names.includes(name));
    if (unknown !== undefined)
      throw new Error(`expected the labels ${this.#names.join(', ') || 'of none'}, got ${unknown}`);
    const series = this.#begin(labels);
    this.#byKey.set(key, series);
    return series;
  }
}

const none: Labels = {};

/** Adds a metric to a registry of prom-client, which needs only its name and `get`. */
function register(metric: { readonly name: string; get(): Promise<object> }, registers: readonly Registry[]) {
  for (const registry of registers) registry.registerMetric(metric as unknown as Exported);
}

interface Count {
  readonly labels: Labels;
  value: number;
}

/** Counter for a registry of prom-client. It is its own, since that of prom-client takes ten times as long. */
export class Counter {
  readonly name: string;
  readonly help: string;
  readonly type = 'counter';
  readonly #series: AllSeries<Count>;

  constructor({ name, help, labelNames, registers }: About) {
    this.name = name;
    this.help = help;
    this.#series = new AllSeries(labelNames, (labels) => ({ labels, value: 0 }));
    register(this, registers);
  }

  inc(labels: Labels | number = none, by = 1): void {
    if (typeof labels === 'number') this.#series.of(none).value += labels;
    else this.#series.of(labels).value += by;
  }

  /** Returns a counter of the series with these labels, which begins with its first count. */
  labels(labels: Labels): { inc(by?: number): void } {
    let series: Count | undefined;
    return {
      inc: (by = 1) => {
        series ??= this.#series.of(labels);
        series.value += by;
      },
    };
  }

  async get() {
    const { name, help, type } = this;
    const values = this.#series.all().map(({ labels, value }) => ({ labels, value }));
    return { name, help, type, aggregator: 'sum', values };
  }
}

/** Values of a histogram. */
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

/** Adds a value to a distribution with these bounds. */
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

type Buckets = Distribution & { readonly labels: Labels };

/** Histogram for a registry of prom-client. `buckets` has the bounds of the buckets, ascending. */
export class Histogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #bounds: readonly number[];
  readonly #series: AllSeries<Buckets>;

  constructor({
    name,
    help,
    labelNames,
    registers,
    buckets,
  }: About & { readonly buckets: readonly number[] }) {
    this.name = name;
    this.help = help;
    this.#bounds = buckets;
    this.#series = new AllSeries(labelNames, (labels) => ({ labels, ...emptyDistribution(buckets) }));
    register(this, registers);
  }

  observe(value: number): void;
  observe(labels: Labels, value: number): void;
  observe(labels: Labels | number, labelled = 0): void {
    if (typeof labels === 'number') addValue(this.#series.of(none), this.#bounds, labels);
    else addValue(this.#series.of(labels), this.#bounds, labelled);
  }

  /** Adds the values that another process has observed, in buckets of the same bounds. */
  add(labels: Labels, values: Distribution): void {
    addAll(this.#series.of(labels), values);
  }

  async get() {
    const { name, help, type } = this;
    const values = this.#series.all().flatMap(({ labels: sharedLabels, counts, sum, count }) => {
      const line = (part: string, value: number, labels = {}) => ({
        metricName: `${name}_${part}`,
        labels,
        sharedLabels,
        value,
      });
      let below = 0;
      const lines = this.#bounds.map((le, bucket) => {
        below += counts[bucket]!;
        return line('bucket', below, { le });
      });
      return [...lines, line('bucket', count, { le: '+Inf' }), line('sum', sum), line('count', count)];
    });
    return { name, help, type, aggregator: 'sum', values };
  }
}
