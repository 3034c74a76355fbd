import type { CallerConnection } from '#downstream/answer.ts';
import { documented } from '#kit/schema/schema.ts';
import { applicationFault, ms, scope } from './application-fault.ts';

const pieces = 10;

/** Sends the headers at once and the body in pieces. */
const slowBody = applicationFault({
  options: documented('The answer arrives slowly, byte by byte.', {
    ms: ms('Time from the headers to the end of the body.'),
    ...scope,
  }),
  state: 'answering slowly',
  create({ ms }, clock) {
    const unfinished = new Set<() => void>();
    let isOver = false;
    return {
      deliver(reply, answer) {
        const { body } = answer;
        let sent = 0;
        // A body shorter than `pieces` bytes has empty pieces. Its last byte still comes at the end.
        const upTo = (piece: number) => Math.floor((piece * body.length) / pieces);
        const timers = Array.from({ length: pieces }, (_, piece) =>
          clock.after(((piece + 1) * ms) / pieces, () => {
            if (piece + 1 === pieces) finish();
            else stream.write(body.slice(upTo(sent), upTo(++sent)));
          }),
        );
        const forget = () => {
          for (const timer of timers) clock.cancel(timer);
          unfinished.delete(finish);
        };
        const finish = () => {
          // Cleans up now: 'close' comes only after earlier answers on the same connection.
          forget();
          stream.end(body.slice(upTo(sent)));
        };
        unfinished.add(finish);
        const stream = reply.begin(answer, forget);
        if (isOver) finish(); // work may outlast the fault
      },
      end() {
        isOver = true;
        for (const finish of unfinished) finish();
      },
    };
  },
});

const malformed = applicationFault({
  options: documented('The header promises JSON, but the body is invalid. So the attempt fails.', scope),
  state: 'answering nonsense',
  create: () => ({
    deliver: (reply, answer) =>
      reply.send({ ...answer, body: answer.body.slice(0, -1).replaceAll('"', "'") }),
  }),
});

const truncated = applicationFault({
  options: documented('The connection ends in the middle of the answer.', scope),
  state: 'breaking off',
  create: () => ({
    deliver: (reply, answer) => reply.breakOff(answer),
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
export const deliveryFaults = { 'slow-body': slowBody, malformed, truncated, reset, hang };
