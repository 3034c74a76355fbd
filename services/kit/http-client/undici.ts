import type { LookupFunction, Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import { type Ended, type Message, StackedClient } from './client.ts';

/** Time limit for opening a connection. undici checks it about every 0.5 s. */
const connectMsMax = 5000;
const answerBytesMax = 1024 * 1024;

interface Options {
  /** Address to connect to, without looking up the name. The host header still has the origin's name. */
  readonly address?: string | undefined;
  readonly connectMsMax?: number;
}

/** Sends requests on undici's clients, each of which has one connection. */
export class UndiciClient extends StackedClient<Connection> {
  protected readonly open: () => Connection;

  /** `origin` is, for example, `http://downstream:8080`. */
  constructor(origin: string, { address, connectMsMax: timeout = connectMsMax }: Options = {}) {
    super();
    const options = { timeout, ...(address !== undefined && { lookup: always(address) }) };
    const connect = buildConnector(options as buildConnector.BuildOptions);
    this.open = () => new Connection(origin, connect);
  }

  protected cut(connection: Connection): void {
    connection.destroy();
  }

  send({ method, path, headers, body }: Message, { answered, broken }: Ended): () => void {
    let isOver = false;
    let carrier: Connection | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    this.take((connection) => {
      const end = (after: 'answer' | 'error') => this.give(connection, after);
      if (isOver) return end('answer');
      carrier = connection;
      let status = 0;
      const chunks: Buffer[] = [];
      connection.client.dispatch(
        { method, path, body, headers: headers.map(latin1) },
        {
          onRequestStart(started) {
            controller = started;
            if (isOver) started.abort(givenUp());
          },
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            end('answer');
            if (!isOver) answered(status, Buffer.concat(chunks).toString());
          },
          onResponseError(_controller, reason) {
            end('error');
            if (!isOver) broken(reason);
          },
        },
      );
    });
    return () => {
      isOver = true;
      if (controller) controller.abort(givenUp());
      else carrier?.stopConnecting();
    };
  }
}

/** Client of undici with one connection. */
class Connection {
  readonly client: Client;
  #socket: Socket | undefined;

  constructor(origin: string, connect: buildConnector.connector) {
    this.client = new Client(origin, {
      connect: (options, callback) => {
        // undici's connector returns the socket, though its type says void.
        this.#socket = connect(options, callback) as unknown as Socket;
        return this.#socket;
      },
      // undici's timeouts are too coarse below a second, so callers abort a request when its time is over.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 600_000,
      keepAliveMaxTimeout: 600_000,
      maxResponseSize: answerBytesMax,
    });
  }

  /** Fails the request that waits for the connection, if it is still connecting. undici alone would go on connecting. */
  stopConnecting(): void {
    if (this.#socket?.connecting) this.#socket.destroy(givenUp());
  }

  destroy(): void {
    void this.client.destroy();
    this.stopConnecting();
  }
}

const givenUp = () => new Error('the caller gave up');

/** Encodes a text as UTF-8, with one character per byte, as undici expects it in headers. */
const latin1 = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');

const always =
  (address: string): LookupFunction =>
  (_hostname, { all }, found) =>
    all ? found(null, [{ address, family: 4 }]) : found(null, address, 4);
