import { type Random, stream } from '#kit/random.ts';

/** Strings that often break programs: prototype names, other scripts, control characters, paths, large numbers. */
const odd = [
  ...['', ' ', '__proto__', 'constructor', 'toString', 'a\nb', '\r\n\r\n', '\u0000', '\u001b[2J', '\u202e'],
  ...['\ud800', '💥'.repeat(50), '../../etc/passwd', '%00%2e%2e', '-1', '1e400', '0x10', 'NaN', 'null'],
  'x'.repeat(2000),
];

const numbers = [0, -0, 1, -1, 0.5, 1e-9, 1e9, 2 ** 31, 2 ** 53, 1e21, 1e308, -1e308];

const fields = [
  'policies retry maxRetries breaker window kind size failures openMs bulkhead concurrency queue timeout ms',
  'budget model latencyMs failureRatio idempotent stream maxPending redelivery backoff baseMs capMs paused',
  'seed id payload name listen upstream enabled toxics type toxicity attributes fault leaseMs',
].flatMap((names) => names.split(' '));

/** Draws test inputs by a seed. Most parts of an input are valid. */
export class Draws {
  readonly #random: Random;

  constructor(seed: number, purpose: string) {
    this.#random = stream(seed, purpose);
  }

  /** Returns an integer from 0 to `end` − 1. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  /** Returns a length up to about `max`. Short lengths are far more frequent than long ones. */
  length(max: number): number {
    return Math.floor(max ** this.#random());
  }

  text(): string {
    if (this.chance(0.5)) return this.one(odd);
    return String.fromCharCode(...Array.from({ length: this.length(60) }, () => 32 + this.below(95)));
  }

  bytes(max: number): Buffer {
    return Buffer.from(Array.from({ length: this.length(max) }, () => this.below(256)));
  }

  /** Returns a JSON value, mostly of a few levels. A few values have hundreds of levels, or thousands of fields. */
  value(levels = 3): unknown {
    if (this.chance(0.002)) return JSON.parse('['.repeat(500) + ']'.repeat(500));
    if (this.chance(0.002)) return this.#wide(this.length(8000));
    const kind = this.below(levels > 0 ? 7 : 5);
    if (kind === 0) return this.one([null, true, false]);
    if (kind === 1) return this.one(numbers);
    if (kind === 2) return this.#random() * 1000;
    if (kind < 5) return this.text();
    const length = this.length(6);
    if (kind === 5) return Array.from({ length }, () => this.value(levels - 1));
    return Object.fromEntries(Array.from({ length }, () => [this.field(), this.value(levels - 1)]));
  }

  field(): string {
    return this.chance(0.8) ? this.one(fields) : this.text();
  }

  #wide(count: number): object {
    return Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, 1]));
  }

  /** Returns a copy with one to three mistakes at any depth. */
  mistaken(valid: unknown): unknown {
    let copy: unknown = structuredClone(valid);
    for (let left = 1 + this.below(3); left > 0; left--) copy = this.#changed(copy);
    return copy;
  }

  #changed(value: unknown): unknown {
    const isLeaf = typeof value !== 'object' || value === null;
    if (isLeaf || this.chance(0.15)) return this.value();
    const keys = Object.keys(value);
    if (keys.length === 0 || this.chance(0.2))
      return Array.isArray(value) ? [...value, this.value()] : { ...value, [this.field()]: this.value() };
    const key = this.one(keys);
    if (Array.isArray(value)) return value.with(Number(key), this.#changed(value[Number(key)]));
    if (this.chance(0.15))
      return Object.fromEntries(Object.entries(value).filter(([other]) => other !== key));
    return { ...value, [key]: this.#changed((value as Record<string, unknown>)[key]) };
  }

  /** Returns the text with a few bytes lost, doubled, moved or replaced. */
  garbled(text: string): Buffer {
    let bytes = Buffer.from(text);
    for (let left = 1 + this.below(4); left > 0; left--) {
      const [from, to] = [this.below(bytes.length + 1), this.below(bytes.length + 1)].sort(
        (a, b) => a - b,
      ) as [number, number];
      const part = bytes.subarray(from, Math.min(to, from + this.length(200)));
      const rest = [bytes.subarray(0, from), bytes.subarray(from + part.length)] as const;
      bytes = Buffer.concat(
        this.one([
          rest,
          [rest[0], part, part, rest[1]],
          [rest[0], this.bytes(20), rest[1]],
          [rest[1], part, rest[0]],
        ]),
      );
    }
    return bytes;
  }
}
