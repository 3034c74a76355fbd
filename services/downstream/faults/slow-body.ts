import type { Timer } from '#kit/clock.ts';
import { strict } from '#kit/schema/schema.ts';
import { ms, whom } from './fields.ts';
import { kind } from './kind.ts';

const drops = 10;

/** The answer's headers come at once, its body drop by drop. */
export const slowBody = kind({
  options: strict(
    { ms: ms('From the headers to the end.'), ...whom },
    { description: 'The answer comes drop by drop.' },
  ),
  done: 'answering drop by drop',
  answers: true,
  create({ ms }, clock) {
    const unfinished = new Set<() => void>();
    let isOver = false;
    return {
      course: (course) => ({
        ...course,
        deliver(reply, { status, contentType, body }) {
          reply.hijack();
          const { raw } = reply;
          const beganAtMs = clock.now();
          let dropped = 0;
          let timer: Timer;
          const upTo = (drop: number) => Math.floor((drop * body.length) / drops);
          const finish = () => {
            clock.cancel(timer);
            // At once: before the answer of another request on its connection it is not out, and so not closed.
            unfinished.delete(finish);
            raw.end(body.slice(upTo(dropped)));
          };
          const wait = () => {
            const atMs = beganAtMs + ((dropped + 1) * ms) / drops;
            timer = clock.after(atMs - clock.now(), drip);
          };
          // A short body has empty drops, so that its last byte too comes at the end.
          const drip = () => {
            if (dropped + 1 === drops) return finish();
            raw.write(body.slice(upTo(dropped), upTo(++dropped)));
            wait();
          };
          unfinished.add(finish);
          raw.once('close', () => {
            clock.cancel(timer);
            unfinished.delete(finish);
          });
          raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
          raw.flushHeaders();
          if (isOver) return finish(); // work may outlast the fault
          wait();
        },
      }),
      end() {
        isOver = true;
        for (const finish of unfinished) finish();
      },
    };
  },
});
