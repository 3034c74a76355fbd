/** The most rounds of a run. */
export const repeatMax = 100;

/** Largest factor of slow motion. */
export const slowMotionMax = 100;
