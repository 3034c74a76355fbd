import type { Timer } from '#kit/clock.ts';
import { strict } from '#kit/schema.ts';
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
          let sent = 0;
          let timer: Timer;
          const finish = () => void raw.end(body.slice(sent));
          const drip = () => {
            const drop = body.slice(sent, sent + Math.ceil(body.length / drops));
            if (sent + drop.length === body.length) return finish();
            raw.write(drop);
            sent += drop.length;
            timer = clock.after(ms / drops, drip);
          };
          unfinished.add(finish);
          raw.once('close', () => {
            clock.cancel(timer);
            unfinished.delete(finish);
          });
          raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length });
          raw.flushHeaders();
          if (isOver) return finish(); // work may outlast the fault
          timer = clock.after(ms / drops, drip);
        },
      }),
      end() {
        isOver = true;
        for (const finish of unfinished) finish();
      },
    };
  },
});
