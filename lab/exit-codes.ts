/** How the `spillway` command ends. */
export const exitCodes = {
  held: 0,
  internal: 1,
  invalid: 90,
  failed: 99,
  badInput: 104,
  interrupted: 105,
} as const;
