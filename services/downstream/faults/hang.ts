import type { ServerResponse } from 'node:http';
import { strict } from '#kit/schema.ts';
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
    const held = new Set<ServerResponse>();
    let isOver = false;
    return {
      course: (course) => ({
        ...course,
        deliver(reply) {
          reply.hijack();
          const { raw } = reply;
          // Work may outlast the fault.
          if (isOver) return void raw.socket?.destroy();
          held.add(raw);
          raw.once('close', () => held.delete(raw));
        },
      }),
      end() {
        isOver = true;
        for (const { socket } of held) socket?.destroy();
      },
    };
  },
});
