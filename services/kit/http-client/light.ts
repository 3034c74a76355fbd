import { type Address, addressOf } from '#kit/urls.ts';
import { type Ended, type Message, StackedClient } from './client.ts';
import { Connection } from './connection.ts';

/** Sends requests on the same kind of connections as the load generator. They need less CPU time than undici's. */
export class LightClient extends StackedClient<Connection> {
  readonly #address: Address;
  readonly #host: string;

  /**
   * `origin` is, for example, `http://downstream:8080`. With `address`, no name is looked up, but the host header still
   * has the origin's name.
   */
  constructor(origin: string, address?: string) {
    super();
    const { host, port } = addressOf(origin);
    this.#address = { host: address ?? host, port };
    this.#host = new URL(origin).host;
  }

  protected open(): Connection {
    return new Connection(this.#address);
  }

  protected cut(connection: Connection): void {
    connection.destroy(closed());
  }

  send(message: Message, { answered, broken }: Ended): () => void {
    const text = textOf(message, this.#host);
    if (text === undefined) {
      broken(new Error('expected headers without control characters'));
      return () => {};
    }
    let isOver = false;
    let carrier: Connection | undefined;
    const end = (after: 'answer' | 'error') => {
      isOver = true;
      if (carrier) this.give(carrier, after);
    };
    this.take((connection) => {
      carrier = connection;
      if (isOver) return end('answer');
      if (this.isClosed) {
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

/**
 * Returns the text of a request. Undefined if a header value contains a control character, since a line break could add
 * headers.
 */
function textOf({ method, path, headers, body }: Message, host: string): string | undefined {
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const value = latin1(headers[at + 1]!);
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return undefined;
    text += `${headers[at]}: ${value}\r\n`;
  }
  if (body === '') return `${text}\r\n`;
  const content = latin1(body);
  return `${text}content-length: ${content.length}\r\n\r\n${content}`;
}

/** Encodes a text as UTF-8, with one character per byte. */
const latin1 = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');

const utf8 = (bytes: string): string =>
  Buffer.byteLength(bytes) === bytes.length ? bytes : Buffer.from(bytes, 'latin1').toString();
