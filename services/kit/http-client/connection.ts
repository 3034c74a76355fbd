import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type Clock, systemClock } from '#kit/clock.ts';
import type { Address } from '#kit/urls.ts';
import { type Answer, AnswerError, AnswerReader } from './answer.ts';

/** Callbacks of a request. `answered` or `broken` is called, once; none if the caller closes the connection first. */
export interface Exchange {
  /** Called just before the request is written to the socket. */
  sending(): void;
  answered(answer: Answer): void;
  broken(reason: Error): void;
}

/** Connection that carries one message at a time. A message is an HTTP text, except in a simulation. */
export interface Channel<M = string> extends Pick<Connection, 'isOpen' | 'close'> {
  send(message: M, exchange: Exchange): void;
}

export interface Transport {
  readonly connect: (options: TcpNetConnectOpts) => Socket;
  /** Event after which a request may be written. */
  readonly ready: 'connect' | 'secureConnect';
}

export const tcp: Transport = { connect, ready: 'connect' };

/** Size of the read buffer. It is large, so that large answers need few reads. Unused pages take no physical memory. */
const readBytes = 16 * 1024;
const connectMsMax = 5000;
/** Time before the server's keep-alive timeout in which no request is sent, since it could cross the server's close. */
const marginMs = 1000;
/**
 * Time after connecting in which a connection must carry its first request. Spillway's servers answer 408 to a
 * connection without a request after 5 s, and this answer could cross a request.
 */
const firstUseMs = 5000 - marginMs;

/** Keep-alive connection that carries one HTTP/1.1 request at a time, and writes it at once. */
export class Connection {
  readonly #address: Address;
  readonly #clock: Clock;
  readonly #transport: Transport;
  #socket: Socket | undefined;
  /** True if the socket is connected, with TLS also the handshake over. */
  #isReady = false;
  /** Time until which the idle connection may be reused. */
  #freshUntilMs = Number.POSITIVE_INFINITY;
  #exchange: Exchange | undefined;
  #reader: AnswerReader | undefined;

  constructor(address: Address, clock: Clock = systemClock, transport: Transport = tcp) {
    this.#address = address;
    this.#clock = clock;
    this.#transport = transport;
  }

  /** True if the socket is connected or connecting, and may still be used. */
  get isOpen(): boolean {
    // If the socket is not writable, the server has closed it. After `#freshUntilMs`, the server may close it at any
    // time.
    return (this.#socket?.writable ?? false) && this.#clock.now() <= this.#freshUntilMs;
  }

  /** Connects, unless already connected. Rejects with the reason if connecting fails. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = this.#liveSocket();
      if (this.#isReady) return resolve();
      socket.once(this.#transport.ready, resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('it was closed')));
    });
  }

  /** Sends a request (latin1). If necessary, connects first. The previous request must have ended. */
  send(text: string, exchange: Exchange): void {
    this.#exchange = exchange;
    this.#reader = new AnswerReader();
    const socket = this.#liveSocket();
    const write = () => {
      exchange.sending();
      socket.write(text, 'latin1');
    };
    if (this.#isReady) write();
    else socket.once(this.#transport.ready, write);
  }

  /** Closes the connection. No callback of the request in flight is called. */
  close(): void {
    this.#exchange = undefined;
    this.#reader = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** Closes the connection. The request in flight ends with `broken`. */
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
      // Each connection has its own buffer. On Windows, the system fills a buffer while other connections are read.
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (bytes: number, buffer: Uint8Array): boolean => {
        if (this.#socket === socket) this.#read((buffer as Buffer).toString('latin1', 0, bytes));
        return true;
      },
    };
    const { connect, ready } = this.#transport;
    const socket = connect({ ...this.#address, noDelay: true, onread });
    socket.setTimeout(connectMsMax, () =>
      socket.destroy(new Error(`no connection within ${connectMsMax} ms`)),
    );
    socket.on(ready, () => {
      socket.setTimeout(0);
      if (this.#socket !== socket) return;
      this.#isReady = true;
      this.#freshUntilMs = this.#clock.now() + firstUseMs;
    });
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
    this.#isReady = false;
    this.#freshUntilMs = Number.POSITIVE_INFINITY;
    return socket;
  }

  #read(text: string): void {
    if (!this.#reader) return void this.close(); // no request is in flight
    let answer: Answer | undefined;
    try {
      answer = this.#reader.add(text);
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      return void this.#end().broken(error);
    }
    if (answer) this.#end(answer.keepAliveMs).answered(answer);
  }

  /** Handles the end of the connection by the server. This completes an answer without a length. A reset does not. */
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

  /** Frees the connection and returns the ended exchange. Its callback may send the next request on this connection. */
  #end(keepAliveMs = 0): Exchange {
    const exchange = this.#exchange!;
    this.#exchange = undefined;
    this.#reader = undefined;
    if (keepAliveMs === 0) this.close();
    this.#freshUntilMs = this.#clock.now() + Math.max(keepAliveMs / 2, keepAliveMs - marginMs);
    return exchange;
  }
}
