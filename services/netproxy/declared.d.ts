/// <reference lib="esnext.disposable" />

import type { Toxic } from './toxic.d.ts';

export type { Toxic };

export interface NetproxyOptions {
  /** Port of the HTTP API. @default a free port */
  readonly port?: number;
  /** Determines jitter, slices, and which connections a toxicity affects. @default 1 */
  readonly seed?: number;
}

/** Starts proxies in this process, and Toxiproxy's HTTP API on loopback. Rejects if the port is in use. */
export function startNetproxy(options?: NetproxyOptions): Promise<Netproxy>;

export interface Netproxy extends AsyncDisposable {
  /** URL of Toxiproxy's HTTP API, for its clients. */
  readonly url: string;
  /**
   * Creates a proxy before `upstream`, a `host:port`, on a free port of loopback or on `listen`. Rejects if a field is
   * invalid, if the name is taken, or if the port is in use.
   */
  create(proxy: {
    readonly name: string;
    readonly upstream: string;
    readonly listen?: string;
    readonly enabled?: boolean;
  }): Promise<Proxy>;
  /** Enables all proxies and removes all toxics. */
  reset(): Promise<void>;
  /** Closes the API, all proxies and all their connections. */
  close(): Promise<void>;
}

export interface Proxy {
  readonly name: string;
  /** Address for clients, as `host:port`. */
  readonly listen: string;
  readonly enabled: boolean;
  /** Number of open connections. */
  readonly connections: number;
  readonly toxics: readonly NamedToxic[];
  /** Adds a toxic, which also affects open connections. Its name is `<type>_<stream>` unless given. */
  addToxic(toxic: Toxic): Promise<NamedToxic>;
  removeToxic(name: string): Promise<void>;
  /** Listens again after `disable`, on the same port. */
  enable(): Promise<void>;
  /** Closes the port and all connections. */
  disable(): Promise<void>;
  remove(): Promise<void>;
}

export type NamedToxic = Toxic & { readonly name: string };
