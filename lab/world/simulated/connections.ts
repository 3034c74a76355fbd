import { Abort } from '#kit/abort.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Exchange } from '#kit/http-client/connection.ts';
import { Connections } from '#load/sending/connections.ts';
import type { Wire } from './hop.ts';
import { Line } from './line.ts';
import { type Running, reliable, type SimulatedProcess } from './process.ts';

interface Answer {
  readonly status: number;
  /** Attempts made for the request; undefined if the service can't know. */
  readonly attempts?: number | undefined;
  readonly body: string;
  readonly error?: unknown;
}

/** Gateway or publisher in a simulated process. */
export interface Server extends Running {
  /** Answers a request. The signal aborts when the caller disconnects. */
  readonly serve: (asked: WorkRequest, signal: AbortSignal) => Promise<Answer>;
}

/**
 * Returns connections of a simulated generator to the processes of a service. `size` is their number per process at the
 * start. Memory has no limit of sockets, so more are added as needed. `crashed` receives unexpected errors of a service.
 */
export const simulatedConnections = (
  processes: readonly SimulatedProcess<Server>[],
  size: number,
  wireTo: (process: SimulatedProcess<Server>) => Wire,
  crashed: (error: unknown) => void,
): Connections<WorkRequest> =>
  new Connections(
    processes.map((process) => {
      const wire = wireTo(process);
      return {
        name: process.name,
        connect: () => channelTo(process, wire, crashed),
        isUnlimited: true,
      };
    }),
    size,
    () => (id, _index, leftMs, ofClass) => ({
      body: { id },
      leftMs,
      class: ofClass,
      attempt: undefined,
      traceparent: undefined,
    }),
  );

/** Returns a connection to a process. Each of its requests has a line of its own. */
function channelTo(process: SimulatedProcess<Server>, wire: Wire, crashed: (error: unknown) => void) {
  let line: Line<Answer> | undefined;
  let exchange: Exchange | undefined;
  const client = {
    party: reliable,
    answered({ status, attempts, body }: Answer) {
      exchange?.answered({ status, attempts, body, keepAliveMs: Number.POSITIVE_INFINITY });
    },
    broken(reason: Error) {
      channel.isOpen = false;
      exchange?.broken(reason);
    },
  };
  const serve = (asked: WorkRequest, own: Line<Answer>) => {
    const caller = new Abort();
    own.gone = () => caller.abort(new Error('the caller disconnected'));
    void process.service.serve(asked, caller.signal).then((answer) => {
      if (answer.error !== undefined) crashed(answer.error);
      own.answer(answer);
    });
  };
  const channel = {
    isOpen: true,
    async open() {},
    send(asked: WorkRequest, next: Exchange) {
      const own = new Line(client, wire);
      line = own;
      exchange = next;
      channel.isOpen = true;
      own.send(
        () => serve(asked, own),
        () => next.sending(),
      );
    },
    close: () => line?.close(),
  };
  return channel;
}
