/** A number as it is written in an experiment, with its unit. */
export interface Quantity {
  readonly amount: number;
  readonly suffix: '' | '%' | 'ms' | 's';
}

const pattern = /^(\d+(?:\.\d+)?(?:e[+-]?\d+)?) *(ms|s|%|)$/;

/** Reads `0.95`, `95%`, `250ms` or `1.5s`; undefined for anything else. */
export function parseQuantity(text: string): Quantity | undefined {
  const [, digits, suffix] = pattern.exec(text) ?? [];
  const amount = Number(digits);
  return Number.isFinite(amount) ? { amount, suffix: suffix as Quantity['suffix'] } : undefined;
}

/** The amount in ms, or as a plain number: 1.5s is 1500, 95% is 0.95. */
export function numberOf({ amount, suffix }: Quantity): number {
  // In the digits that were written: 2.01 * 1000 is 2009.9999999999998.
  if (suffix === 's') return Number((amount * 1000).toPrecision(15));
  return suffix === '%' ? amount / 100 : amount;
}

/** Reads a time above 0 and up to an hour, such as `250ms` or `1s`, as ms; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const quantity = parseQuantity(text);
  if (quantity?.suffix !== 'ms' && quantity?.suffix !== 's') return undefined;
  const ms = numberOf(quantity);
  return ms > 0 && ms <= 3_600_000 ? ms : undefined;
}
