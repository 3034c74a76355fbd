/** The two-sided 95 % point of the standard normal distribution. */
export const z95 = 1.959964;

/** The standard normal distribution up to z, to 1e-7 (Abramowitz and Stegun, 26.2.17). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z < 0 ? upper : 1 - upper;
}

/** With so few degrees of freedom that the series is off, by their number. */
const t95Of: Readonly<Record<number, number>> = { 1: 12.7062, 2: 4.3027 };

/** The two-sided 95 % point of Student's t, to 1 % (Abramowitz and Stegun, 26.7.5). */
export function t95(freedom: number): number {
  const known = t95Of[freedom];
  if (known !== undefined) return known;
  const z = z95;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}
