import type { Timer } from '#kit/clock.ts';
import { applicationFault, ms, scope } from './application-fault.ts';

const pieces = 10;

/** Sends the headers at once and the body in pieces. */
export const slowBody = applicationFault({
  description: 'The answer arrives slowly, byte by byte.',
  fields: { ms: ms('From the headers to the end of the body.'), ...scope },
  state: 'answering slowly',
  create({ ms }, clock) {
    const unfinished = new Set<() => void>();
    let isOver = false;
    return {
      deliver(reply, { status, contentType, body }) {
        reply.hijack();
        const { raw } = reply;
        const beganAtMs = clock.now();
        let sent = 0;
        let timer: Timer;
        const upTo = (piece: number) => Math.floor((piece * body.length) / pieces);
        const forget = () => {
          clock.cancel(timer);
          unfinished.delete(finish);
        };
        const finish = () => {
          // Not at 'close', which waits for the answers before it on its connection.
          forget();
          raw.end(body.slice(upTo(sent)));
        };
        const wait = () => {
          const atMs = beganAtMs + ((sent + 1) * ms) / pieces;
          timer = clock.after(atMs - clock.now(), next);
        };
        // A short body has empty pieces: its last byte, too, comes at the end.
        const next = () => {
          if (sent + 1 === pieces) return finish();
          raw.write(body.slice(upTo(sent), upTo(++sent)));
          wait();
        };
        unfinished.add(finish);
        raw.once('close', forget);
        raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
        raw.flushHeaders();
        if (isOver) return finish(); // work may outlast the fault
        wait();
      },
      end() {
        isOver = true;
        for (const finish of unfinished) finish();
      },
    };
  },
});
