import { type Address, addressOf } from '#kit/urls.ts';
import { Connection } from './connection.ts';
import { stackOf } from './stack.ts';

export interface Message {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Header names and values, alternating. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Callbacks for the end of a request. One is called, once; none if the caller gives up the request first. */
export interface Ended {
  /** `isJson` is true if the body is known to be JSON, as in a simulation. */
  answered(status: number, body: string, isJson?: boolean): void;
  broken(reason: Error): void;
}

export type HttpClient = ReturnType<typeof httpClient>;

/**
 * Returns a client of one origin, for example `http://downstream:8080`, with a stack of keep-alive connections. With
 * `address`, no name is looked up, but the host header still has the origin's name.
 */
export function httpClient(origin: string, address?: string) {
  const { host: name, port } = addressOf(origin);
  const to: Address = { host: address ?? name, port };
  const { host } = new URL(origin);
  const stack = stackOf({
    open: () => new Connection(to),
    cut: (connection) => connection.destroy(closed()),
  });
  return {
    /** Sends a request. Returns a function that gives up the request, even while its connection is still connecting. */
    send(message: Message, { answered, broken }: Ended): () => void {
      const text = textOf(message, host);
      if (text === undefined) {
        broken(new Error('expected headers without control characters'));
        return () => {};
      }
      let isOver = false;
      let carrier: Connection | undefined;
      const end = (after: 'answer' | 'error') => {
        isOver = true;
        if (carrier) stack.give(carrier, after);
      };
      stack.take((connection) => {
        carrier = connection;
        if (isOver) return end('answer');
        if (stack.isClosed()) {
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
    },
    /** Closes all connections when the requests in flight have ended. */
    close: stack.close,
    destroy: stack.destroy,
  };
}

const closed = () => new Error('the client is closed');

/** Returns the text of a request. Undefined if a header has a control character: a line break could add headers. */
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
