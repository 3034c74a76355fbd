import { addressOf } from '#kit/urls.ts';
import type { Ended, HttpClient, Post } from './client.ts';
import { ClientStack } from './client-stack.ts';
import { Connection } from './connection.ts';

/** The load generator's connections, which cost a third of undici's CPU time per request. */
export class LightClient implements HttpClient {
  readonly #host: string;
  readonly #stack: ClientStack<Connection>;
  #destroyed = false;

  /** `origin` as in `http://downstream:8080`; `address` in the place of its name, which stays in the host header. */
  constructor(origin: string, address?: string) {
    const { host, port } = addressOf(origin);
    this.#host = new URL(origin).host;
    this.#stack = new ClientStack(
      () => new Connection({ host: address ?? host, port }),
      (connection) => connection.destroy(closed()),
    );
  }

  post({ path, headers, body }: Post, ended: Ended): () => void {
    const bytes = Buffer.byteLength(body);
    const head = `${this.#head('POST', path)}${linesOf(headers)}content-length: ${bytes}\r\n\r\n`;
    return this.#send(head + (bytes === body.length ? body : Buffer.from(body).toString('latin1')), ended);
  }

  probe(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const giveUp = this.#send(`${this.#head('GET', '/')}\r\n`, {
        answered: () => end(resolve),
        broken: (reason) => end(() => reject(reason)),
      });
      const abort = () => {
        giveUp();
        reject(signal.reason);
      };
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', abort);
        settle();
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async close(): Promise<void> {
    await this.#stack.close();
    this.#destroyed = true;
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    this.#stack.destroy();
  }

  #head(method: string, path: string): string {
    return `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`;
  }

  #send(text: string, { answered, broken }: Ended): () => void {
    let isOver = false;
    let carrier: Connection | undefined;
    const end = (after: 'answer' | 'error') => {
      isOver = true;
      if (carrier) this.#stack.give(carrier, after);
    };
    this.#stack.take((connection) => {
      carrier = connection;
      if (isOver) return end('answer');
      if (this.#destroyed) return broken(closed());
      connection.send(text, {
        sending() {},
        answered({ status, body }) {
          end(connection.isOpen ? 'answer' : 'error');
          answered(status, utf8(body));
        },
        broken(reason) {
          end('error');
          broken(reason);
        },
      });
    });
    return () => {
      if (isOver) return;
      carrier?.close();
      end('error');
    };
  }
}

const closed = () => new Error('the client is closed');

/** Throws an Error if a value would end its line, which would let it add headers. */
function linesOf(headers: readonly string[]): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1]!;
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new Error(`expected ${headers[at]} in ASCII on one line`);
    lines += `${headers[at]}: ${value}\r\n`;
  }
  return lines;
}

/** Text of UTF-8 whose bytes were read one by one. */
const utf8 = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text, 'latin1').toString();
