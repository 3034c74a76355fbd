import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { systemClock, type Timer } from '#kit/clock.ts';

/**
 * Makes close() wait for accepted requests and for nothing else: answers say that their connection ends, and after
 * `patienceMs` connections without a whole request are cut, which Node would wait for without limit. Listens to the
 * server, since hooks of Fastify's would cost some microseconds a request.
 */
export function closeSoon(app: FastifyInstance, patienceMs: number): void {
  /** Every connection, with the answer to its latest request. */
  const open = new Map<Socket, ServerResponse | undefined>();
  let timer: Timer;
  app.server.on('connection', (socket) => {
    open.set(socket, undefined);
    socket.once('close', () => open.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => open.set(socket, response));
  // Again and again, since an answer that had begun before may leave its connection open. What has said its end can't answer.
  const sweep = () => {
    for (const [socket, answer] of open) if (!isOwed(answer) || socket.writableFinished) socket.destroy();
    timer = systemClock.after(patienceMs, sweep);
  };
  app.addHook('preClose', (done) => {
    // On requests that come later Fastify does it by itself.
    for (const answer of open.values())
      if (answer?.headersSent === false) answer.setHeader('connection', 'close');
    timer = systemClock.after(patienceMs, sweep);
    done();
  });
  app.addHook('onClose', (_app, done) => {
    systemClock.cancel(timer);
    done();
  });
}

/** The request is there as a whole, and its answer is not yet out. */
const isOwed = (answer: ServerResponse | undefined): boolean =>
  answer?.req.complete === true && !answer.writableFinished;
