import { InvalidArgumentError } from '@commander-js/extra-typings';
import { numberOf, parseQuantity } from '#lab/experiment/hypothesis/terms.ts';

/** Reads a name. An empty one is mostly a shell's variable that is not set. Throws InvalidArgumentError, as all here do. */
export function given(text: string): string {
  if (text === '') throw new InvalidArgumentError('expected a name, got an empty text');
  return text;
}

/** Reads one of several names and adds it to those given before. */
export const eachGiven = (text: string, before: readonly string[] = []): string[] => [...before, given(text)];

/** Reads a whole number from `min` to `max`. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}`);
    return value;
  };
}

/** Reads a number above 0, at most `max`. */
export function positive(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value <= 0 || value > max)
      throw new InvalidArgumentError(`expected a number above 0, at most ${max}`);
    return value;
  };
}

/** Reads `5%` or `0.05`; a bare 5 is more likely a slip than 500 %. */
export function marginOf(text: string): number {
  const quantity = parseQuantity(text);
  const isShare = quantity?.suffix === '%' || (quantity?.suffix === '' && quantity.amount <= 1);
  if (!quantity || !isShare) throw new InvalidArgumentError('expected a share such as 5% or 0.05');
  return numberOf(quantity);
}

const unitsMs: Readonly<Record<string, number>> = { s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a time, as in 90s or 1.5d, in ms. */
export function ageMsOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6}(?:\.\d+)?) *(s|min|h|d)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('expected a time, as in 90s, 5min, 2h or 1.5d');
  return Number(digits) * unitsMs[unit]!;
}

/** Reads a whole number from 1 to `max`, or `auto`. */
export function factorOf(max: number): (text: string) => number | 'auto' {
  return (text) => {
    if (text === 'auto') return text;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > max)
      throw new InvalidArgumentError(`expected a whole number from 1 to ${max}, or auto`);
    return value;
  };
}
