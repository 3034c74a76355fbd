import type { Socket } from 'node:net';
import { strict } from '#kit/schema/schema.ts';
import { whom } from './fields.ts';
import { kind } from './kind.ts';

/** Work is done and never answered; once the fault is over the connections break. */
export const hang = kind({
  options: strict(whom, {
    description: 'Work is done and not answered; the connections break when it is over.',
  }),
  done: 'not answering',
  answers: true,
  create() {
    const held = new Set<Socket>();
    let isOver = false;
    return {
      course: (course) => ({
        ...course,
        deliver(reply) {
          reply.hijack();
          // Not the answer's, which has none before its turn.
          const { socket } = reply.request;
          // Work may outlast the fault.
          if (isOver) return void socket.destroy();
          if (held.has(socket)) return;
          held.add(socket);
          socket.once('close', () => held.delete(socket));
        },
      }),
      end() {
        isOver = true;
        for (const socket of held) socket.destroy();
      },
    };
  },
});
