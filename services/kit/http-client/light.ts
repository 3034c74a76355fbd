import { abortable } from '#kit/clock.ts';
import { addressOf } from '#kit/urls.ts';
import { ClientStack, type Ended, type HttpClient, type Post } from './client-stack.ts';
import { Connection } from './connection.ts';

/** Sends requests on the load generator's connections, which need less CPU time than undici's. */
export class LightClient implements HttpClient {
  readonly #host: string;
  readonly #stack: ClientStack<Connection>;

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
    const lines = linesOf(headers);
    if (lines === undefined) {
      ended.broken(new Error('expected headers without control characters'));
      return () => {};
    }
    const text = latin1(body);
    const head = `${this.#head('POST', path)}${lines}content-length: ${text.length}\r\n\r\n`;
    return this.#send(head + text, ended);
  }

  probe(signal: AbortSignal): Promise<void> {
    return abortable(signal, (resolve, reject) =>
      this.#send(`${this.#head('GET', '/')}\r\n`, { answered: () => resolve(), broken: reject }),
    );
  }

  close(): Promise<void> {
    return this.#stack.close();
  }

  async destroy(): Promise<void> {
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
      if (this.#stack.isClosed) {
        end('error');
        return broken(closed());
      }
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

/** Returns header lines; undefined if a value has a line break, which would let it add headers, or another control character. */
function linesOf(headers: readonly string[]): string | undefined {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) {
    const value = latin1(headers[at + 1]!);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return undefined;
    lines += `${headers[at]}: ${value}\r\n`;
  }
  return lines;
}

/** Converts to UTF-8 with a character for each byte, as a connection sends it. */
const latin1 = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');

const utf8 = (bytes: string): string =>
  Buffer.byteLength(bytes) === bytes.length ? bytes : Buffer.from(bytes, 'latin1').toString();
