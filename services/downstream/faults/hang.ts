import type { Socket } from 'node:net';
import { applicationFault, scope } from './application-fault.ts';

export const hang = applicationFault({
  description: 'Work is done but not answered; the connections close when the fault is cleared.',
  fields: scope,
  state: 'not answering',
  create() {
    const held = new Set<Socket>();
    let isOver = false;
    return {
      deliver(reply) {
        reply.hijack();
        // The request's, since an answer has none before its turn.
        const { socket } = reply.request;
        // Work may outlast the fault.
        if (isOver) return void socket.destroy();
        if (held.has(socket)) return;
        held.add(socket);
        socket.once('close', () => held.delete(socket));
      },
      end() {
        isOver = true;
        for (const socket of held) socket.destroy();
      },
    };
  },
});
