export type Format = (value: number) => string;

/** Dash shown for a missing value. */
export const none = '–';

const space = '\u00a0';
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** Formats a whole number with thousands separators: `1,990`. */
export const count = (value: number): string => grouped.format(value);

/** Formats a number to three digits, and a whole number in full: `0.753`, `1,990`. */
export const number = (value: number | null): string =>
  value === null
    ? none
    : Number.isInteger(value) || Math.abs(value) >= 1000
      ? count(value)
      : precise.format(value);

/** Formats a share in percent: `2.6 %`, `75 %`, `> 99.9 %`. Only exactly 0 and 1 become `0 %` and `100 %`. */
export function share(value: number): string {
  if (value < 0) return value > -0.001 ? `>${space}-0.1${space}%` : `-${share(-value)}`;
  if (value > 0 && value < 0.001) return `<${space}0.1${space}%`;
  if (value > 0.999 && value < 1) return `>${space}99.9${space}%`;
  const digits = value === 0 || value >= 1 || (value > 0.1 && value < 0.9) ? 0 : 1;
  return `${(value * 100).toFixed(digits).replace(/\.0$/, '')}${space}%`;
}

/** Formats a difference of shares: `-1.5 points`, `20 points`, `< 0.1 points`. */
export function points(value: number): string {
  const size = 100 * Math.abs(value);
  if (size > 0 && size < 0.1) return `${value < 0 ? `>${space}-` : `<${space}`}0.1${space}points`;
  const text = (100 * value).toFixed(size < 10 ? 1 : 0).replace(/\.0$/, '');
  return `${text}${space}${inNumber(Math.abs(Number(text)), 'point')}`;
}

/** Formats a duration: `8.2 ms`, `454 ms`, `1.18 s`, `2 min 5 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return none;
  if (Math.abs(ms) < 999.5) return `${precise.format(ms)}${space}ms`;
  if (Math.abs(ms) < 99_500) return `${precise.format(ms / 1000)}${space}s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${count(Math.floor(seconds / 60))}${space}min${rest > 0 ? `${space}${rest}${space}s` : ''}`;
}

/** Formats an ISO time to the minute: `2026-11-25 01:02 UTC`. */
export const utc = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** Formats a factor: `3.9×`. */
export const times = (value: number): string => `${precise.format(value)}×`;

/** Formats bytes: `25.3 GB`. */
export const gigabytes = (bytes: number): string => `${precise.format(bytes / 1e9)}${space}GB`;

/** Formats a number with its noun: `1 check`, `3.92 attempts`, `2 hypotheses`. */
export const plural = (value: number, word: string): string =>
  `${number(value)}${space}${inNumber(value, word)}`;

/** Returns the singular or the plural. For words other than nouns, `many` is the plural: `does` and `do`. */
export const inNumber = (value: number, one: string, many = pluralOf(one)): string =>
  number(value) === '1' ? one : many;

const pluralOf = (word: string): string => (word.endsWith('sis') ? `${word.slice(0, -3)}ses` : `${word}s`);

/** Formats the lowest and the highest value: `33 ms to 36 ms`, `-2 to 5 points`; only one if both look the same. */
export function range(values: readonly number[], format: Format): string {
  const [low, high] = [format(Math.min(...values)), format(Math.max(...values))];
  return low === high ? low : `${low.replace(/\u00a0points?$/, '')} to ${high}`;
}

type Bounds = Partial<Readonly<Record<'low' | 'high', number | null>>>;

/** Formats the bounds of an estimate; a dash if they are unknown, or NaN, as after a single run. */
export const interval = ({ low, high }: Bounds, format: Format): string =>
  Number.isFinite(low) && Number.isFinite(high) ? range([low!, high!], format) : none;

/** Replaces non-breaking spaces, so that a search for the visible text finds it. */
export const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

/** Quotes a word for a shell. */
export const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
