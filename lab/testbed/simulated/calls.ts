import type { attemptsOf, Callers } from '#downstream/attempts.ts';
import { abortable } from '#kit/clock.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Ended } from '#kit/http-client/client.ts';
import { settling, type Upstream } from '#kit/http-client/upstream.ts';
import type { Hop } from './hop.ts';

/** Simulated call to downstream. */
export interface Call {
  readonly ended: Ended;
  isGone: boolean;
  /** Listener for a disconnect of the caller. Set while downstream watches the caller. */
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
  answer({ ended }, { status, body }, deliver) {
    if (deliver) throw new Error('expected no fault of delivery');
    hop(() => ended.answered(status, body));
  },
  fail(_call, error) {
    throw error;
  },
});

/** Returns the upstream of a simulated gateway or consumer, which calls downstream over the hop. */
export const upstreamOver = (begin: Begin, hop: Hop): Pick<Upstream, keyof Upstream> => ({
  post: ({ id, attempts: attempt, class: ofClass, timeoutMs }, signal) =>
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
  unreachable: async () => undefined,
  close: async () => undefined,
});
