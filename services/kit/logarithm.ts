const view = new DataView(new ArrayBuffer(8));

/**
 * Returns the natural logarithm of a number from 2^-1022 on, with an error of at most 2^-50 of its value. `Math.log`
 * differs by the last bit between engines, so that the same seed would have other arrivals in a browser. Additions,
 * multiplications and divisions don't.
 */
export function ln(x: number): number {
  view.setFloat64(0, x);
  const bits = view.getInt32(0);
  const isUpper = (bits & 0xfffff) > 0x6a09e; // the mantissa is above √2
  const power = (bits >> 20) - (isUpper ? 1022 : 1023);
  view.setInt32(0, (bits & 0xfffff) | ((isUpper ? 1022 : 1023) << 20));
  const mantissa = view.getFloat64(0);
  // ln m = 2·artanh(s) = 2·(s + s³/3 + s⁵/5 + …) with s = (m - 1) ÷ (m + 1). Terms after s²¹/21 change no bit.
  const s = (mantissa - 1) / (mantissa + 1);
  const q = s * s;
  const high = 1 / 13 + q * (1 / 15 + q * (1 / 17 + q * (1 / 19 + q / 21)));
  const series = 1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q * high)))));
  return power * Math.LN2 + 2 * s * series;
}
