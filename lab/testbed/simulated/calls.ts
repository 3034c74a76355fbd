import type { Reply } from '#downstream/answer.ts';
import type { attemptsOf, Callers } from '#downstream/attempts.ts';
import type { requestsOf } from '#gateway/requests.ts';
import { abortable } from '#kit/clock.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Ended } from '#kit/http-client/client.ts';
import { settling, type Upstream } from '#kit/http-client/upstream.ts';
import type { Hop } from './hop.ts';

/** Simulated call to downstream. */
export interface Call {
  readonly ended: Ended;
  isGone: boolean;
  /** Listener for a disconnect of the caller. Set while downstream or a fault watches the caller. */
  gone: (() => void) | undefined;
}

type Begin = ReturnType<typeof attemptsOf<Call>>['begin'];

/** Returns the callers of a simulated downstream. They receive answers over the hop. */
export const callersOver = (hop: Hop): Callers<Call> => ({
  isGone: ({ isGone }) => isGone,
  watch(call, gone) {
    call.gone = gone;
  },
  unwatch(call) {
    call.gone = undefined;
  },
  answer(call, answer, deliver) {
    if (deliver) deliver(replyOver(hop, call), answer);
    else hop(() => call.ended.answered(answer.status, answer.body));
  },
  fail(_call, error) {
    throw error;
  },
});

const closed = new Error('the server closed the connection');
const wasReset = new Error('read ECONNRESET');

/** Returns the reply to a call. Each call has its own connection, which is closed when the caller gives up. */
const replyOver = (hop: Hop, call: Call): Reply => ({
  send: ({ status, body }) => hop(() => call.ended.answered(status, body)),
  begin({ status, body }, closed) {
    call.gone = closed;
    // The caller uses only a complete body.
    return {
      write() {},
      end() {
        call.gone = undefined;
        hop(() => call.ended.answered(status, body));
      },
    };
  },
  breakOff: () => hop(() => call.ended.broken(closed)),
  reset: () => hop(() => call.ended.broken(wasReset)),
  hold: () => ({
    destroy: () => hop(() => call.ended.broken(closed)),
    once(_close, listener) {
      call.gone = listener;
    },
  }),
});

/** Returns the upstream of a simulated gateway, which calls downstream over the hop. */
export const upstreamOver = (begin: Begin, hop: Hop): Parameters<typeof requestsOf>[0]['upstream'] => ({
  post: ({ id, attempts: attempt, class: ofClass, timeoutMs }: Parameters<Upstream['post']>[0], signal) =>
    abortable(signal, (resolve, reject) => {
      const call: Call = { ended: settling(resolve, reject), isGone: false, gone: undefined };
      const asked: WorkRequest = {
        body: { id },
        leftMs: timeoutMs,
        class: ofClass,
        attempt,
        traceparent: undefined,
      };
      hop(() => begin(asked, call));
      return () =>
        hop(() => {
          call.isGone = true;
          call.gone?.();
        });
    }),
  use() {},
});
