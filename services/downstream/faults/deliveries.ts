import type { CallerConnection } from '#downstream/answer.ts';
import { documented } from '#kit/schema/schema.ts';
import { applicationFault, scope } from './application-fault.ts';

const malformed = applicationFault({
  options: documented('The header promises JSON, but the body is invalid. So the attempt fails.', scope),
  state: 'answering nonsense',
  create: () => ({
    deliver: (reply, answer) =>
      reply.send({ ...answer, body: answer.body.slice(0, -1).replaceAll('"', "'") }),
  }),
});

const reset = applicationFault({
  options: documented('A TCP reset in place of the answer.', scope),
  state: 'resetting connections',
  create: () => ({
    deliver: (reply) => reply.reset(),
  }),
});

const hang = applicationFault({
  options: documented(
    'Work completes, but is not answered. The affected connections close when the fault is cleared.',
    scope,
  ),
  state: 'not answering',
  create() {
    const held = new Set<CallerConnection>();
    let isOver = false;
    return {
      deliver(reply) {
        const connection = reply.hold();
        // Work may outlast the fault. Then its connection closes at once.
        if (isOver) return void connection.destroy();
        if (held.has(connection)) return;
        held.add(connection);
        connection.once('close', () => held.delete(connection));
      },
      end() {
        isOver = true;
        for (const connection of held) connection.destroy();
      },
    };
  },
});

/** Faults that decide how an answer is delivered. Of several active ones, the last in this order applies. */
export const deliveryFaults = { malformed, reset, hang };
