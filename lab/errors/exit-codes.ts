/** How the `spillway` command ends. */
export const exitCodes = {
  held: 0,
  internal: 1,
  invalid: 90,
  failed: 99,
  badInput: 104,
  interrupted: 105,
} as const;

/** Worst first. */
const gravity = [
  exitCodes.interrupted,
  exitCodes.internal,
  exitCodes.invalid,
  exitCodes.failed,
  exitCodes.held,
];

/** Returns what a command ends with that came to several codes. */
export const worstOf = (codes: readonly number[]): number =>
  gravity.find((code) => codes.includes(code)) ?? exitCodes.internal;
