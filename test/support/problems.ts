import { InvalidError, type Problem } from '#kit/schema/problems.ts';

/** The problems that an InvalidError names; none without one. */
export function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof InvalidError) return error.problems;
    throw error;
  }
}
