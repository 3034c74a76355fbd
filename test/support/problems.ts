import { InvalidError, type Problem } from '#kit/schema/problems.ts';

/** Returns the problems of the thrown InvalidError, or none without an error. */
export function problemsOf(read: () => unknown): readonly Problem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof InvalidError) return error.problems.map(({ onKey: _, ...problem }) => problem);
    throw error;
  }
}
