/** Stands where there is no value. */
export const none = '–';

const space = '\u00a0';
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** A whole number with thousands separators: `1,990`. */
export const count = (value: number): string => grouped.format(value);

/** Any number to three digits, whole ones in full: `0.753`, `1,990`. */
export const number = (value: number | null): string =>
  value === null
    ? none
    : Number.isInteger(value) || Math.abs(value) >= 1000
      ? count(value)
      : precise.format(value);

/** A share of one in percent, which says 0 and 100 only when it is exactly that: `2.6 %`, `75 %`, `> 99.9 %`. */
export function share(value: number): string {
  if (value < 0) return value > -0.001 ? `>${space}-0.1${space}%` : `-${share(-value)}`;
  if (value > 0 && value < 0.001) return `<${space}0.1${space}%`;
  if (value > 0.999 && value < 1) return `>${space}99.9${space}%`;
  const digits = value === 0 || value === 1 || (value > 0.1 && value < 0.9) ? 0 : 1;
  return `${(value * 100).toFixed(digits).replace(/\.0$/, '')}${space}%`;
}

/** A difference of shares in percentage points: `-1.5 points`, `20 points`, `< 0.1 points`. */
export function points(value: number): string {
  const size = 100 * Math.abs(value);
  if (size > 0 && size < 0.1) return `${value < 0 ? `>${space}-` : `<${space}`}0.1${space}points`;
  const text = (100 * value).toFixed(size < 10 ? 1 : 0).replace(/\.0$/, '');
  return `${text}${space}${inNumber(Math.abs(Number(text)), 'point')}`;
}

/** A span of time in the unit that suits its size: `8.2 ms`, `454 ms`, `1.18 s`, `2 min 5 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return none;
  if (Math.abs(ms) < 999.5) return `${precise.format(ms)}${space}ms`;
  if (Math.abs(ms) < 99_500) return `${precise.format(ms / 1000)}${space}s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${count(Math.floor(seconds / 60))}${space}min${rest > 0 ? `${space}${rest}${space}s` : ''}`;
}

/** A time of day, from its ISO text, to the minute: `2026-11-25 01:02 UTC`. */
export const utc = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** A factor: `3.9×`. */
export const times = (value: number): string => `${precise.format(value)}×`;

/** Requests or attempts per second: `391/s`; three digits are more than anybody can measure. */
export const rate = (perSecond: number): string => `${number(Number(perSecond.toPrecision(3)))}/s`;

/** Bytes in GB: `25.3 GB`. */
export const gigabytes = (bytes: number): string => `${precise.format(bytes / 1e9)}${space}GB`;

/** A number and the word for it, in the plural unless it reads as one: `1 check`, `3.92 attempts`, `2 hypotheses`. */
export const plural = (value: number, word: string): string =>
  `${number(value)}${space}${inNumber(value, word)}`;

/** The word alone, to go with a number; `many` where the plural is not a noun's: `does` and `do`. */
export const inNumber = (value: number, one: string, many = pluralOf(one)): string =>
  number(value) === '1' ? one : many;

const pluralOf = (word: string): string => (word.endsWith('sis') ? `${word.slice(0, -3)}ses` : `${word}s`);

/** The least and the most of several values: `33 ms to 36 ms`, `-2 to 5 points`, or one of them where they read the same. */
export function range(values: readonly number[], format: (value: number) => string): string {
  const [low, high] = [format(Math.min(...values)), format(Math.max(...values))];
  return low === high ? low : `${low.replace(/\u00a0points?$/, '')} to ${high}`;
}

/** The bounds of an estimate; nothing where one run gives none. */
export const interval = (
  { low, high }: { low: number; high: number },
  format: (value: number) => string,
): string => (Number.isNaN(low) ? none : range([low, high], format));

/** A text of at most `length` characters, with an ellipsis for what is cut off. */
export const cut = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;
