import { strict } from '#kit/schema/schema.ts';
import { status, whom } from './fields.ts';
import { kind } from './kind.ts';

/** Work fails. */
export const failure = kind({
  options: strict({ status: status(500), ...whom }, { description: 'Work fails.' }),
  done: 'failing',
  create: ({ status }) => ({ course: (course) => ({ ...course, failed: true, status }) }),
});
