import type { Clock } from '#kit/clock.ts';
import type { Address } from '#kit/urls.ts';
import type { Network, ProxySocket } from '#netproxy/network.ts';
import { Emitter } from './emitter.ts';
import { type AnyLine, wasRefused, wasReset } from './line.ts';
import { type Listener, type Open, refusedMs } from './process.ts';

/** Server at a simulated address. */
interface Server {
  readonly listener: Pick<Listener, 'isListening'>;
  accept(client: SimulatedSocket): void;
}

/** Network of messages in memory. Its buffers are unlimited, and messages take no time. */
export class SimulatedNetwork implements Network {
  readonly #clock: Clock;
  readonly #servers = new Map<string, Server>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async resolve(host: string): Promise<string> {
    return host;
  }

  async listen(address: Address, accept: (client: ProxySocket) => void) {
    this.serve(address, { listener: { isListening: true }, accept });
    return { address, close: () => void this.#servers.delete(keyOf(address)) };
  }

  serve(address: Address, server: Server): void {
    this.#servers.set(keyOf(address), server);
  }

  connect(address: Address): SimulatedSocket {
    const [client, accepted] = [new SimulatedSocket(this.#clock), new SimulatedSocket(this.#clock)];
    this.#clock.after(0, () => {
      const server = this.#servers.get(keyOf(address));
      if (client.isClosed) return;
      if (!server?.listener.isListening)
        return void this.#clock.after(refusedMs, () => client.fail(wasRefused));
      client.join(accepted);
      server.accept(accepted);
      client.emit('connect');
    });
    return client;
  }
}

const keyOf = ({ host, port }: Address): string => `${host}:${port}`;

/** Message on a connection. For a proxy it is one byte. `arrived` is called with the socket that reads it. */
class Message extends Uint8Array {
  readonly arrived: (at: SimulatedSocket) => void;

  constructor(arrived: (at: SimulatedSocket) => void) {
    super(1);
    this.arrived = arrived;
  }
}

/** End of a simulated TCP connection, with the events of a socket. Like that, it may stay half open. */
export class SimulatedSocket extends Emitter implements ProxySocket, Open {
  atClient: number | undefined;
  atServer: number | undefined;
  /** Request that the connection carries. */
  line: AnyLine | undefined;
  readonly writableLength = 0;
  writableEnded = false;
  isClosed = false;
  readonly #clock: Clock;
  #peer: SimulatedSocket | undefined;
  /** Messages that have arrived, and the end of the stream. */
  readonly #inbox: (Uint8Array | 'end')[] = [];
  #isPaused = true;
  #hasEnded = false;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  get writableFinished(): boolean {
    return this.writableEnded;
  }

  get isConnected(): boolean {
    return this.#peer !== undefined;
  }

  /** Connects both ends. */
  join(peer: SimulatedSocket): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  /** Reads messages, and closes the connection when the other end does. `closed` receives the error if there is one. */
  read(closed: (error: Error | undefined) => void): void {
    let failure: Error | undefined;
    this.on('data', (message: Message) => message.arrived(this));
    this.on('error', (error: Error) => {
      failure = error;
    });
    this.once('end', () => this.destroy());
    this.once('close', () => closed(failure));
    this.resume();
  }

  /** Sends a message. */
  send(arrived: (at: SimulatedSocket) => void): void {
    this.write(new Message(arrived));
  }

  write(data: Uint8Array): boolean {
    if (!this.writableEnded && !this.isClosed) this.#put(data);
    return true;
  }

  end(): void {
    if (this.writableEnded || this.isClosed) return;
    this.writableEnded = true;
    this.#put('end');
    this.#closeIfOver();
  }

  destroySoon(): void {
    this.end();
    this.destroy();
  }

  destroy(): void {
    if (this.isClosed) return;
    if (!this.writableEnded) this.#put('end');
    this.#close();
  }

  resetAndDestroy(): void {
    if (this.isClosed) return;
    const peer = this.#peer;
    this.#clock.after(0, () => peer?.fail(wasReset));
    this.#close();
  }

  clientEnded(): void {
    this.destroy();
  }

  serverEnded(): void {
    this.destroy();
  }

  /** Closes an idle connection. */
  closing(): void {
    if (!this.line) this.destroy();
  }

  /** Closes with an error. */
  fail(error: Error): void {
    if (this.isClosed) return;
    this.#inbox.length = 0;
    if (this.listenerCount('error') > 0) this.emit('error', error);
    this.#close();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  #put(item: Uint8Array | 'end'): void {
    const peer = this.#peer;
    if (!peer) return;
    peer.#inbox.push(item);
    peer.#read();
  }

  /** Reads in a separate event, so that promises settle between two reads. */
  #read(): void {
    this.#clock.after(0, () => {
      if (this.#isPaused || this.isClosed) return;
      const item = this.#inbox.shift();
      if (item === 'end') {
        this.#hasEnded = true;
        this.emit('end');
        this.#closeIfOver();
      } else if (item) this.emit('data', item);
      if (this.#inbox.length > 0) this.#read();
    });
  }

  #closeIfOver(): void {
    if (this.writableEnded && this.#hasEnded) this.#close();
  }

  #close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#clock.after(0, () => this.emit('close'));
  }
}
