import { send } from '#downstream/answer.ts';
import { applicationFault, scope } from './application-fault.ts';

export const malformed = applicationFault({
  description: 'The answer is not the JSON that its header promises, so the attempt fails.',
  fields: scope,
  state: 'answering nonsense',
  create: () => ({
    deliver: (reply, answer) =>
      send(reply, { ...answer, body: answer.body.slice(0, -1).replaceAll('"', "'") }),
  }),
});
