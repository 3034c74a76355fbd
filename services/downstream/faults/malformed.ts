import { send } from '#downstream/answer.ts';
import { strict } from '#kit/schema/schema.ts';
import { whom } from './fields.ts';
import { kind } from './kind.ts';

/** The answer is no JSON, whatever its header says. */
export const malformed = kind({
  options: strict(whom, {
    description: 'The answer is not the JSON that its header promises, so the attempt fails.',
  }),
  done: 'answering nonsense',
  answers: true,
  create: () => ({
    course: (course) => ({
      ...course,
      deliver: (reply, answer) =>
        send(reply, { ...answer, body: answer.body.slice(0, -1).replaceAll('"', "'") }),
    }),
  }),
});
