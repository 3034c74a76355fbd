/** Values by label name. */
export type Labels = Readonly<Record<string, string>>;

interface Options {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

interface Value {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

/**
 * Metric that prom-client's registry exports, with a series per combination of label values. prom-client's own counters
 * and histograms check and join the labels at every call, which costs more than twice as much.
 */
abstract class LabelledMetric<S> {
  abstract readonly type: 'counter' | 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly #labelNames: readonly string[];
  readonly #series = new Map<string, { readonly labels: Labels; readonly of: S }>();

  constructor({ name, help, labelNames }: Options) {
    this.name = name;
    this.help = help;
    this.#labelNames = labelNames;
  }

  /** Returns the current values, in the form that the registry expects. */
  get() {
    // A metric without labels is exported from the start.
    if (this.#labelNames.length === 0) this.seriesOf({});
    const { name, help, type, aggregator } = this;
    const values = [...this.#series.values()].flatMap(({ labels, of }) => this.values(of, labels));
    return { name, help, type, aggregator, values };
  }

  protected abstract create(): S;
  protected abstract values(series: S, labels: Labels): Value[];

  /** Returns the series of these labels, and creates it at first use. Throws an Error on an unknown label. */
  protected seriesOf(labels: Labels): S {
    const key = this.#keyOf(labels);
    const known = this.#series.get(key);
    if (known) return known.of;
    for (const label of Object.keys(labels))
      if (!this.#labelNames.includes(label))
        throw new Error(`${this.name}: expected labels out of ${this.#labelNames.join(', ')}, got ${label}`);
    const series = this.create();
    this.#series.set(key, { labels, of: series });
    return series;
  }

  #keyOf(labels: Labels): string {
    const names = this.#labelNames;
    // The common cases, without a list per call.
    if (names.length === 0) return '';
    if (names.length === 1) return labels[names[0]!] ?? '';
    return names.map((name) => labels[name] ?? '').join('|');
  }
}

const noLabels: Labels = {};

export class Counter extends LabelledMetric<{ value: number }> {
  readonly type = 'counter';

  inc(by?: number): void;
  inc(labels: Labels, by?: number): void;
  inc(first: Labels | number = 1, second = 1): void {
    const labels = typeof first === 'number' ? noLabels : first;
    const by = typeof first === 'number' ? first : second;
    if (!(by >= 0)) throw new Error(`${this.name}: expected an increase of at least 0, got ${by}`);
    this.seriesOf(labels).value += by;
  }

  /** Returns a counter of one series, which is exported after its first increase. */
  labels(labels: Labels): { inc(by?: number): void } {
    return { inc: (by = 1) => this.inc(labels, by) };
  }

  protected create() {
    return { value: 0 };
  }

  protected values({ value }: { value: number }, labels: Labels): Value[] {
    return [{ value, labels }];
  }
}

interface Distribution {
  /** Observations by bucket, without those of smaller buckets. Those above the last bound are in none. */
  readonly inBucket: number[];
  count: number;
  sum: number;
}

export class Histogram extends LabelledMetric<Distribution> {
  readonly type = 'histogram';
  /** Upper bounds, ascending. */
  readonly #bounds: readonly number[];

  constructor({ buckets, ...options }: Options & { readonly buckets: readonly number[] }) {
    super(options);
    this.#bounds = buckets;
  }

  observe(value: number): void;
  observe(labels: Labels, value: number): void;
  observe(first: Labels | number, second = 0): void {
    const labels = typeof first === 'number' ? noLabels : first;
    const value = typeof first === 'number' ? first : second;
    if (!Number.isFinite(value)) throw new Error(`${this.name}: expected a finite number, got ${value}`);
    const series = this.seriesOf(labels);
    let bucket = 0;
    while (value > this.#bounds[bucket]!) bucket += 1; // faster than findIndex
    if (bucket < this.#bounds.length) series.inBucket[bucket]! += 1;
    series.count += 1;
    series.sum += value;
  }

  protected create(): Distribution {
    return { inBucket: this.#bounds.map(() => 0), count: 0, sum: 0 };
  }

  protected values({ inBucket, count, sum }: Distribution, labels: Labels): Value[] {
    const [bucket, sumName, countName] = ['bucket', 'sum', 'count'].map((part) => `${this.name}_${part}`);
    let below = 0;
    const buckets = this.#bounds.map((le, at) => {
      below += inBucket[at]!;
      return { metricName: bucket!, labels: { le, ...labels }, value: below };
    });
    return [
      ...buckets,
      { metricName: bucket!, labels: { le: '+Inf', ...labels }, value: count },
      { metricName: sumName!, labels, value: sum },
      { metricName: countName!, labels, value: count },
    ];
  }
}
