import { connect, type Socket } from 'node:net';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { Address } from '#kit/urls.ts';
import { type Answer, AnswerError, AnswerReader } from './answer.ts';

/** Callbacks of a request on a connection: `answered` or `broken` follows, once, unless the connection is closed before. */
export interface Exchange {
  /** The bytes are about to be handed to the kernel. */
  sending(): void;
  answered(answer: Answer): void;
  broken(reason: Error): void;
}

/** Connection that carries one message at a time: HTTP text, unless it is simulated. */
export interface Channel<M = string> extends Pick<Connection, 'isOpen' | 'close'> {
  send(message: M, exchange: Exchange): void;
}

/** Makes reads of large answers fewer. Memory that small answers don't use isn't touched. */
const readBytes = 16 * 1024;
const connectMsMax = 5000;
/** Time before the server would hang up in which a request uses a new connection, since the two might cross. */
const marginMs = 1000;

/**
 * A keep-alive connection that carries one HTTP/1.1 request at a time. Written for the cost and the promptness of a
 * send: undici's dispatch takes twice the CPU, and puts off each write until it has looked whether the server hung up,
 * behind all answers that wait to be read.
 */
export class Connection {
  readonly #address: Address;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  /** End of the time for which it may be idle. */
  #freshUntilMs = Number.POSITIVE_INFINITY;
  #exchange: Exchange | undefined;
  #reader: AnswerReader | undefined;

  constructor(address: Address, clock: Clock = systemClock) {
    this.#address = address;
    this.#clock = clock;
  }

  /** True if connected, or about to be. */
  get isOpen(): boolean {
    // False once the server has hung up, or may do so at any moment.
    return (this.#socket?.writable ?? false) && this.#clock.now() <= this.#freshUntilMs;
  }

  /** Connects unless connected. Rejects with the reason if it can't. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = this.#liveSocket();
      if (!socket.connecting) return resolve();
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('it was closed')));
    });
  }

  /** Sends a request (latin1), after connecting where needed. The one before must have ended. */
  send(text: string, exchange: Exchange): void {
    this.#exchange = exchange;
    this.#reader = new AnswerReader();
    const socket = this.#liveSocket();
    const write = () => {
      exchange.sending();
      socket.write(text, 'latin1');
    };
    if (socket.connecting) socket.once('connect', write);
    else write();
  }

  /** Drops the request under way without a callback. */
  close(): void {
    this.#exchange = undefined;
    this.#reader = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** Breaks off the request under way. */
  destroy(reason: Error): void {
    this.#socket?.destroy(reason);
  }

  #liveSocket(): Socket {
    if (this.isOpen) return this.#socket!;
    this.#socket?.destroy();
    return this.#connect();
  }

  #connect(): Socket {
    let reason = new Error('the server closed the connection');
    const onread = {
      // A separate buffer for each connection: on Windows the system fills it while others are being read.
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (bytes: number, buffer: Uint8Array): boolean => {
        if (this.#socket === socket) this.#read((buffer as Buffer).toString('latin1', 0, bytes));
        return true;
      },
    };
    const socket: Socket = connect({ ...this.#address, noDelay: true, onread });
    socket.setTimeout(connectMsMax, () =>
      socket.destroy(new Error(`no connection within ${connectMsMax} ms`)),
    );
    socket.on('connect', () => socket.setTimeout(0));
    socket.on('error', (error) => {
      reason = error;
    });
    socket.on('end', () => {
      if (this.#socket === socket) this.#serverEnded();
    });
    socket.on('close', () => {
      if (this.#socket === socket) this.#closed(reason);
    });
    this.#socket = socket;
    this.#freshUntilMs = Number.POSITIVE_INFINITY;
    return socket;
  }

  #read(text: string): void {
    if (!this.#reader) return void this.close(); // nothing was asked
    let answer: Answer | undefined;
    try {
      answer = this.#reader.add(text);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      return void this.#end().broken(error);
    }
    if (answer) this.#end(answer.keepAliveMs).answered(answer);
  }

  /** Ends an answer without a length, which a reset doesn't. */
  #serverEnded(): void {
    if (!this.#reader) return;
    const answer = this.#reader.end();
    if (answer) this.#end().answered(answer);
    else this.#end().broken(new Error('the server closed the connection'));
  }

  #closed(reason: Error): void {
    this.#socket = undefined;
    if (this.#exchange) this.#end().broken(reason);
  }

  /** Frees the connection for the next request, before the caller reports the end of this one. */
  #end(keepAliveMs = 0): Exchange {
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    this.#reader = undefined;
    if (keepAliveMs === 0) this.close();
    this.#freshUntilMs = this.#clock.now() + Math.max(keepAliveMs / 2, keepAliveMs - marginMs);
    return exchange;
  }
}
