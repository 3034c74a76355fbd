import { strict } from '#kit/schema/schema.ts';
import { ms, whom } from './fields.ts';
import { kind } from './kind.ts';

/** What fails takes longer to do so. */
export const slowErrors = kind({
  options: strict(
    { ms: ms('Added to what fails.'), ...whom },
    { description: 'What fails takes longer to do so.' },
  ),
  done: 'slow to fail',
  affects: 'some',
  create: ({ ms }) => ({
    course: (course) => (course.failed ? { ...course, latencyMs: course.latencyMs + ms } : course),
  }),
});
