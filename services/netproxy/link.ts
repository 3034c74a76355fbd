import type { Socket } from 'node:net';
import type { Clock } from '#kit/clock.ts';
import { reset } from '#kit/http/reset.ts';
import type { Random } from '#kit/random.ts';
import { Channel, type Ending, Stub } from './stub.ts';
import { pipe, type ToxicSpec, toxicOf } from './toxics.ts';

/** Limit on the bytes that are buffered before a socket. A toxic has the same limit, unless it sets another. */
const bufferBytesMax = 256 * 1024;

export interface LinkParts {
  readonly clock: Clock;
  readonly random: (toxic: string) => Random;
  readonly spares: (toxic: ToxicSpec) => boolean;
}

export type Link = ReturnType<typeof linkOf>;

/**
 * Forwards one direction of a connection through its toxics, in the order in which they were added. Toxics can be added
 * and removed at any time. That doesn't lose or reorder bytes, unless a toxic itself does.
 */
export function linkOf(source: Socket, destination: Socket, parts: LinkParts) {
  const { clock, random, spares } = parts;
  const tail = new Channel(bufferBytesMax);
  const stages: { readonly name: string; readonly stub: Stub; running: Promise<void> }[] = [];
  let head = tail;

  const stageOf = (toxic: ToxicSpec) => stages.find(({ name }) => name === toxic.name);
  const run = (toxic: ToxicSpec, stub: Stub) => (spares(toxic) ? passAll(stub) : pipe(toxic, stub));
  /**
   * Makes `channel` the input of the stage at `index`. The previous stage then writes to it; for the first stage, the
   * source.
   */
  const redirect = (index: number, channel: Channel) => {
    if (index === 0) head = channel;
    else stages[index - 1]!.stub.output = channel;
  };
  /**
   * Writes all bytes from `tail` to the destination. It is called again when more bytes arrive. If the destination was
   * full, it is called on 'drain'.
   */
  const flush = (): void => {
    for (let item = tail.take(); item !== undefined; item = tail.take()) {
      if ('data' in item) {
        if (!destination.write(item.data)) {
          destination.once('drain', flush);
          return;
        }
      } else if (item.end !== 'half') {
        end(source, destination, item.end);
        return;
      } else destination.end();
    }
    tail.whenItem(flush);
  };

  return {
    start(): void {
      source.on('data', (data) => {
        head.push({ data, atMs: clock.now() });
        if (!head.full) return;
        source.pause();
        head.whenRoom(() => source.resume());
      });
      source.once('end', () => head.push({ end: 'half' }));
      source.once('error', () => head.push({ end: 'reset' }));
      flush();
      source.resume();
    },

    add(toxic: ToxicSpec): void {
      const input = new Channel(toxicOf(toxic).bufferBytes ?? bufferBytesMax);
      const stub = new Stub(input, tail, clock, random(toxic.name));
      redirect(stages.length, input);
      stages.push({ name: toxic.name, stub, running: run(toxic, stub) });
    },

    /** Changes the attributes of a toxic. */
    async update(toxic: ToxicSpec): Promise<void> {
      const stage = stageOf(toxic);
      if (stage === undefined) return;
      stage.stub.interrupt();
      await stage.running;
      stage.stub.interrupted = false;
      stage.running = run(toxic, stage.stub);
    },

    /** Removes a toxic and forwards the bytes that it holds. If the toxic dropped bytes, ends the connection. */
    async remove(toxic: ToxicSpec): Promise<void> {
      const stage = stageOf(toxic);
      if (stage === undefined) return;
      const { stub } = stage;
      stub.interrupt();
      await stage.running;
      if (toxicOf(toxic).final && !spares(toxic)) stub.end('close');
      // Emptying the input also wakes a writer that waits until the input has room.
      for (let item = stub.input.take(); item !== undefined; item = stub.input.take()) stub.output.push(item);
      const index = stages.indexOf(stage);
      stages.splice(index, 1);
      redirect(index, stub.output);
    },

    stop(): void {
      for (const { stub } of stages) stub.interrupt();
    },
  };
}

function end(source: Socket, destination: Socket, how: Exclude<Ending, 'half'>): void {
  if (how === 'close') {
    destination.destroySoon();
    source.destroy();
  } else {
    reset(destination);
    reset(source);
  }
}

async function passAll(stub: Stub): Promise<void> {
  for await (const chunk of stub.chunks()) await stub.write(chunk);
}
