import type { Resettable } from '#kit/http/reset.ts';
import type { Address } from '#kit/urls.ts';

/** Connection of a proxy to a client or to upstream. A socket is one. */
export interface ProxySocket extends Resettable {
  write(data: Uint8Array): boolean;
  pause(): unknown;
  resume(): unknown;
  end(): unknown;
  destroy(): unknown;
  destroySoon(): unknown;
  on(event: string, listener: (data: Uint8Array) => void): unknown;
  once(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/** Server of a proxy that listens. */
export interface Listener {
  readonly address: Address;
  /** Stops listening. Open connections stay. */
  close(): void;
}

/** Network of a proxy. A simulated one is in memory. */
export interface Network {
  /** Returns the address of a host name. */
  resolve(host: string): Promise<string>;
  /** `accept` receives the paused sockets of clients. */
  listen(address: Address, accept: (client: ProxySocket) => void): Promise<Listener>;
  connect(address: Address): ProxySocket;
}
