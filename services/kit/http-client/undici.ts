import type { LookupFunction } from 'node:net';
import type { buildConnector, Client, Dispatcher } from 'undici';
import { loadPackage } from '#kit/process/installation.ts';
import { answerBytesMax } from './answer.ts';
import { type Ended, type Message, StackedClient } from './client.ts';

/** Loads undici on its first use. Its 109 modules take 50 ms to load, and most processes use the other client. */
const load = (): typeof import('undici') => loadPackage('undici') as typeof import('undici');

/**
 * Sends requests on undici's clients, each of which has one connection. A request that is given up while it connects
 * occupies its connection until connecting ends, after at most 10 s. During this time there can be more connections
 * than requests.
 */
export class UndiciClient extends StackedClient<Client> {
  protected readonly open: () => Client;

  /**
   * `origin` is, for example, `http://downstream:8080`. With `address`, no name is looked up, but the host header still
   * has the origin's name.
   */
  constructor(origin: string, address?: string) {
    super();
    const options = address === undefined ? {} : { lookup: always(address) };
    const undici = load();
    const connect = undici.buildConnector(options as buildConnector.BuildOptions);
    this.open = () =>
      new undici.Client(origin, {
        connect,
        // undici's timeouts are too coarse below a second, so callers abort a request when its time is over.
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: 600_000,
        keepAliveMaxTimeout: 600_000,
      });
  }

  protected cut(client: Client): void {
    void client.destroy();
  }

  send({ method, path, headers, body }: Message, { answered, broken }: Ended): () => void {
    let isOver = false;
    let controller: Dispatcher.DispatchController | undefined;
    this.take((client) => {
      const end = (after: 'answer' | 'error') => this.give(client, after);
      if (isOver) return end('answer');
      let status = 0;
      let bytes = 0;
      const chunks: Buffer[] = [];
      client.dispatch(
        { method, path, body, headers: [...headers] },
        {
          onRequestStart(started) {
            controller = started;
            if (isOver) started.abort(new Error('given up'));
          },
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData(started, chunk) {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > answerBytesMax) started.abort(new Error('the answer is too large'));
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
      controller?.abort(new Error('given up'));
    };
  }
}

const always =
  (address: string): LookupFunction =>
  (_hostname, { all }, found) =>
    all ? found(null, [{ address, family: 4 }]) : found(null, address, 4);
