import { createRequire } from 'node:module';
import type { LookupFunction } from 'node:net';
import type { buildConnector, Client, Dispatcher } from 'undici';
import { answerBytesMax } from './answer.ts';
import { type Ended, type Message, StackedClient } from './client.ts';

/** Loads undici on first use, since its 109 modules take 50 ms and most processes use the other client. */
const load = (): typeof import('undici') => createRequire(import.meta.url)('undici');

/**
 * undici's clients. A request that is given up while its connection is being opened keeps it until connecting ends, after
 * 10 s at the latest. So while connecting hangs, there are more connections than requests at once.
 */
export class UndiciClient extends StackedClient<Client> {
  protected readonly open: () => Client;

  /** `origin` as in `http://downstream:8080`; `address` in the place of its name, which stays in the host header. */
  constructor(origin: string, address?: string) {
    super();
    const options = address === undefined ? {} : { lookup: always(address) };
    const undici = load();
    const connect = undici.buildConnector(options as buildConnector.BuildOptions);
    this.open = () =>
      new undici.Client(origin, {
        connect,
        // undici's own timeouts are useless below a second: deadlines are abort signals.
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
