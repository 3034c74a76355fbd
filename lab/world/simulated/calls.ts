import type { Reply } from '#downstream/answer.ts';
import type { attemptsOf, Callers } from '#downstream/attempts.ts';
import { abortable } from '#kit/clock.ts';
import type { Answer } from '#kit/http/problem.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import { settling } from '#kit/http-client/posted.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import { type Wire, wasReset } from './hop.ts';
import { Line } from './line.ts';
import type { Listener, Party, Running, SimulatedProcess } from './process.ts';

export type Call = Line<Answered>;

interface Answered extends Pick<Answer, 'status' | 'body'> {
  /** True if the body is downstream's own, unchanged by a fault. */
  readonly isJson?: boolean;
}

interface Callee extends Running {
  readonly begin: ReturnType<typeof attemptsOf<Call>>['begin'];
}

export const simulatedCallers: Callers<Call> = {
  isGone: ({ isGone }) => isGone,
  watch(call, gone) {
    call.gone = gone;
  },
  unwatch(call) {
    call.gone = undefined;
  },
  answer(call, answer, deliver) {
    if (deliver) deliver(replyTo(call), answer);
    else call.answer({ status: answer.status, body: answer.body, isJson: true });
  },
  fail(_call, error) {
    throw error;
  },
};

/** Returns the reply to a call. Each call has its own connection, which is closed when the caller gives up. */
const replyTo = (call: Call): Reply => ({
  send: (answer) => call.answer(answer),
  reset: () => call.break(wasReset),
  hold: () => ({
    destroy: () => call.break(),
    once(_close, listener) {
      call.gone = listener;
    },
  }),
});

/** Processes of downstream, and the ways to them. */
export type Replicas = readonly {
  readonly process: Pick<SimulatedProcess<Callee>, 'service'> & Listener;
  readonly wire: Wire;
}[];

/** Returns the upstream of a simulated process, which calls the processes of downstream in turn. */
export function upstreamOver(party: Party, replicas: Replicas): Pick<Upstream, keyof Upstream> {
  let turn = 0;
  return {
    post: ({ id, attempts: attempt, class: ofClass, timeoutMs }, signal) =>
      abortable(signal, (resolve, reject) => {
        turn = (turn + 1) % replicas.length;
        const { process, wire } = replicas[turn]!;
        const { answered, broken } = settling(resolve, reject);
        const client = {
          party,
          answered: ({ status, body, isJson }: Answered) => answered(status, body, isJson),
          broken,
        };
        const call: Call = new Line(client, wire);
        const asked: WorkRequest = {
          body: { id },
          leftMs: timeoutMs,
          class: ofClass,
          attempt,
          traceparent: undefined,
        };
        call.attempt = attempt;
        call.send(() => process.service.begin(asked, call));
        return () => call.close();
      }),
    unreachable: async () =>
      replicas.some(({ process }) => process.isListening) ? undefined : 'downstream does not answer',
    close: async () => undefined,
  };
}
