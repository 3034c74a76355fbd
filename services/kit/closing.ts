import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { systemClock, type Timer } from './clock.ts';

/**
 * Makes close() wait for accepted requests and for nothing else: answers say that their connection ends, and after
 * `patienceMs` connections without a whole request are cut, which Node would wait for without limit.
 */
export function closeSoon(app: FastifyInstance, patienceMs: number): void {
  const open = new Set<Socket>();
  const busy = new WeakSet<Socket>();
  let closing = false;
  let timer: Timer;
  app.server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  app.addHook('preHandler', (request, _reply, done) => {
    busy.add(request.raw.socket);
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    busy.delete(request.raw.socket);
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
  app.addHook('preClose', (done) => {
    closing = true;
    timer = systemClock.after(patienceMs, () => {
      for (const socket of open) if (!busy.has(socket)) socket.destroy();
    });
    done();
  });
  app.addHook('onClose', (_app, done) => {
    systemClock.cancel(timer);
    done();
  });
}
