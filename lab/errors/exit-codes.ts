/** Exit codes of the `spillway` command. */
export const exitCodes = {
  held: 0,
  internal: 1,
  invalid: 90,
  failed: 99,
  badInput: 104,
  interrupted: 105,
} as const;

const { interrupted, internal, invalid, failed, held } = exitCodes;
const worstFirst = [interrupted, internal, invalid, failed, held];

/** Returns the worst of several exit codes. */
export const worstOf = (codes: readonly number[]): number =>
  worstFirst.find((code) => codes.includes(code)) ?? internal;
