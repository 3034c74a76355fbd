export const exitCodes = {
  held: 0,
  internal: 1,
  invalid: 90,
  failed: 99,
  badInput: 104,
  interrupted: 105,
} as const;

/** Meaning of each exit code of `run`. */
export const meanings: Readonly<Record<number, string>> = {
  [exitCodes.held]: 'no hypothesis failed',
  [exitCodes.failed]: 'a hypothesis failed',
  [exitCodes.invalid]: 'the measurement is invalid, so there is no verdict on some or all hypotheses',
  [exitCodes.badInput]: 'a wrong file or flag',
  [exitCodes.interrupted]: 'interrupted',
  [exitCodes.internal]: 'an error',
};

/** Formats an exit code with its meaning: `exit 99: a hypothesis failed`. */
export const exitLine = (code: number): string => `exit ${code}: ${meanings[code]}`;

const { interrupted, internal, invalid, failed, held } = exitCodes;
const worstFirst = [interrupted, internal, failed, invalid, held];

export const worstOf = (codes: readonly number[]): number =>
  worstFirst.find((code) => codes.includes(code)) ?? internal;
