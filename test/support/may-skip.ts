/** True if tests that can't run on this machine may be skipped: not with `SPILLWAY_SKIP=never`. */
export const maySkip = (): boolean => process.env.SPILLWAY_SKIP !== 'never';
