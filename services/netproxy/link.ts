import type { Socket } from 'node:net';
import type { Clock } from '#kit/clock.ts';
import { reset } from '#kit/http/reset.ts';
import type { Random } from '#kit/random.ts';
import { Channel, type Ending, Stub } from './stub.ts';
import { pipe, type ToxicSpec, toxicOf } from './toxics.ts';

/** Bytes that may wait in front of a socket, or of a toxic by default. */
const bufferBytesMax = 256 * 1024;

interface Stage {
  readonly name: string;
  readonly stub: Stub;
  running: Promise<void>;
}

export interface LinkParts {
  readonly clock: Clock;
  readonly random: (toxic: string) => Random;
  readonly spares: (toxic: ToxicSpec) => boolean;
  readonly received: (bytes: number) => void;
  readonly sent: (bytes: number) => void;
}

/**
 * Direction of a connection, through the toxics in their order. Toxics may come and go at any time. No byte is lost or
 * overtaken, unless a toxic does just that.
 */
export class Link {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #parts: LinkParts;
  readonly #tail = new Channel(bufferBytesMax);
  #head = this.#tail;
  #stages: Stage[] = [];

  constructor(source: Socket, destination: Socket, parts: LinkParts) {
    this.#source = source;
    this.#destination = destination;
    this.#parts = parts;
  }

  start(): void {
    const source = this.#source;
    source.on('data', (data) => {
      this.#parts.received(data.length);
      const head = this.#head;
      head.push({ data, atMs: this.#parts.clock.now() });
      if (!head.full) return;
      source.pause();
      head.whenRoom(() => source.resume());
    });
    source.once('end', () => this.#head.push({ end: 'half' }));
    source.once('error', () => this.#head.push({ end: 'reset' }));
    this.#flush();
    source.resume();
  }

  /** Appends a toxic. */
  add(toxic: ToxicSpec): void {
    const { clock, random } = this.#parts;
    const input = new Channel(toxicOf(toxic).bufferBytes ?? bufferBytesMax);
    const stub = new Stub(input, this.#tail, clock, random(toxic.name));
    this.#redirect(this.#stages.length, input);
    this.#stages.push({ name: toxic.name, stub, running: this.#run(toxic, stub) });
  }

  /** Changes a toxic's attributes, unless the connection is about to end. */
  async update(toxic: ToxicSpec): Promise<void> {
    const stage = this.#stages.find(({ name }) => name === toxic.name);
    if (stage === undefined || stage.stub.settled) return;
    stage.stub.interrupt();
    await stage.running;
    stage.stub.interrupted = false;
    stage.running = this.#run(toxic, stage.stub);
  }

  /** Forwards at once what the toxic holds, or ends the connection if the toxic has swallowed bytes. */
  async remove(toxic: ToxicSpec): Promise<void> {
    const stage = this.#stages.find(({ name }) => name === toxic.name);
    if (stage === undefined) return;
    stage.stub.interrupt();
    await stage.running;
    const { stub } = stage;
    if (toxicOf(toxic).final && !this.#parts.spares(toxic)) stub.end('close');
    // Taking all of it also wakes the writer that waits for room.
    for (let item = stub.input.take(); item !== undefined; item = stub.input.take()) stub.output.push(item);
    const index = this.#stages.indexOf(stage);
    this.#stages.splice(index, 1);
    this.#redirect(index, stub.output);
  }

  stop(): void {
    for (const { stub } of this.#stages) stub.interrupt();
  }

  /** Sends the output of the stages before `index` into `channel`. */
  #redirect(index: number, channel: Channel): void {
    if (index === 0) this.#head = channel;
    else this.#stages[index - 1]!.stub.output = channel;
  }

  #run(toxic: ToxicSpec, stub: Stub): Promise<void> {
    return this.#parts.spares(toxic) ? passAll(stub) : pipe(toxic, stub);
  }

  /** Writes what has arrived, and continues when more arrives or the destination has room again. */
  #flush = (): void => {
    const tail = this.#tail;
    const destination = this.#destination;
    for (let item = tail.take(); item !== undefined; item = tail.take()) {
      if ('data' in item) {
        this.#parts.sent(item.data.length);
        if (!destination.write(item.data)) {
          destination.once('drain', this.#flush);
          return;
        }
      } else if (item.end !== 'half') {
        this.#close(item.end);
        return;
      } else destination.end();
    }
    tail.whenItem(this.#flush);
  };

  #close(how: Exclude<Ending, 'half'>): void {
    if (how === 'close') {
      this.#destination.destroySoon();
      this.#source.destroy();
    } else {
      reset(this.#destination);
      reset(this.#source);
    }
  }
}

async function passAll(stub: Stub): Promise<void> {
  for await (const chunk of stub.chunks()) await stub.write(chunk);
}
