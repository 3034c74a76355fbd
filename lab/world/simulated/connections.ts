import { Abort } from '#kit/abort.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import type { Channel, Exchange } from '#kit/http-client/connection.ts';
import { Connections } from '#load/sending/connections.ts';
import type { Wire } from './hop.ts';
import { type Client, Line } from './line.ts';
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

interface ConnectionParts {
  /** Returns the way to a process. */
  readonly wireTo: (process: SimulatedProcess<Server>) => Wire;
  /** Receives an unexpected error of the service. */
  readonly crashed: (error: unknown) => void;
}

/**
 * Returns connections of a simulated generator to the processes of a service. `size` is their number per process at the
 * start. Memory has no limit of sockets, so more are added as needed.
 */
export const simulatedConnections = (
  processes: readonly SimulatedProcess<Server>[],
  size: number,
  parts: ConnectionParts,
): Connections<WorkRequest> =>
  new Connections(
    processes.map((process) => {
      const wire = parts.wireTo(process);
      return {
        name: process.name,
        connect: () => new SimulatedChannel(process, wire, parts),
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

class SimulatedChannel implements Channel<WorkRequest>, Client<Answer> {
  isOpen = true;
  readonly party = reliable;
  readonly #process: SimulatedProcess<Server>;
  readonly #parts: ConnectionParts;
  readonly #wire: Wire;
  #line: Line<Answer> | undefined;
  #exchange: Exchange | undefined;

  constructor(process: SimulatedProcess<Server>, wire: Wire, parts: ConnectionParts) {
    this.#process = process;
    this.#parts = parts;
    this.#wire = wire;
  }

  async open(): Promise<void> {}

  send(asked: WorkRequest, exchange: Exchange): void {
    const line = new Line(this, this.#wire);
    this.#line = line;
    this.#exchange = exchange;
    this.isOpen = true;
    line.send(
      () => this.#serve(asked, line),
      () => exchange.sending(),
    );
  }

  answered({ status, attempts, body }: Answer): void {
    this.#exchange?.answered({ status, attempts, body, keepAliveMs: Number.POSITIVE_INFINITY });
  }

  broken(reason: Error): void {
    this.isOpen = false;
    this.#exchange?.broken(reason);
  }

  close(): void {
    this.#line?.close();
  }

  #serve(asked: WorkRequest, line: Line<Answer>): void {
    const caller = new Abort();
    line.gone = () => caller.abort(new Error('the caller disconnected'));
    void this.#process.service.serve(asked, caller.signal).then((answer) => {
      if (answer.error !== undefined) this.#parts.crashed(answer.error);
      line.answer(answer);
    });
  }
}
