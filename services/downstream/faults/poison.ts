import { Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { status } from './fields.ts';
import { kind } from './kind.ts';

/** Some requests fail however often they are tried. */
export const poison = kind({
  options: strict(
    {
      ids: Type.Array(Type.String({ maxLength: 128 }), {
        minItems: 1,
        maxItems: 1000,
        description: 'Requests that fail however often they are tried, e.g. r0 for the first of a load.',
      }),
      status: status(500),
    },
    { description: 'Chosen requests fail however often they are tried.' },
  ),
  done: 'failing for some',
  affects: 'some',
  create({ ids, status }) {
    const chosen = new Set(ids);
    return {
      course: (course, _draw, id) => (chosen.has(id) ? { ...course, failed: true, status } : course),
    };
  },
});
