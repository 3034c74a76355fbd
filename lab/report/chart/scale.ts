/** Maps a value to a percentage of the axis' length. */
export type Scale = (value: number) => number;

interface Tick {
  readonly value: number;
  /** True if a narrow page leaves it out. */
  readonly spare: boolean;
}

/** Makes a logarithmic axis; values outside stop at its ends. */
export function logScale(min: number, max: number): Scale {
  const span = Math.log(max / min) || 1;
  return (value) => round(clamp(value <= 0 ? 0 : Math.log(value / min) / span) * 100);
}

/** Makes an axis from 0. */
export function linearScale(max: number): Scale {
  return (value) => round(clamp(max > 0 ? value / max : 0) * 100);
}

/** Returns 1, 2 and 5 times the powers of ten between two bounds; only the 1s if there are many decades. */
export function logTicks(min: number, max: number): Tick[] {
  const decades = Math.log10(max / min);
  const digits = decades < 2.2 ? [1, 2, 5] : [1];
  const first = Math.floor(Math.log10(min));
  return Array.from({ length: Math.ceil(Math.log10(max)) - first + 1 }, (_, i) =>
    digits.map((digit) => ({ value: digit * 10 ** (first + i), spare: digit !== 1 && decades > 1.2 })),
  )
    .flat()
    .filter(({ value }) => value >= min && value <= max);
}

/** Returns a round number (1, 2 or 5 times a power of ten) that divides `max` into at most `parts`. */
export function niceStep(max: number, parts: number): number {
  const raw = max / parts;
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * ([1, 2, 5].find((digit) => digit * power >= raw) ?? 10);
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));
const round = (percent: number): number => Math.round(percent * 100) / 100;
