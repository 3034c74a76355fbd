import { stream } from '#kit/random.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Channel, type Item, Stub } from '#netproxy/stub.ts';

/** Starts a toxic on virtual time. `out` records its output with times in ms. */
export function toxicRig(run: (stub: Stub) => Promise<void>, seed = 1) {
  const clock = new VirtualClock();
  const input = new Channel(2 ** 20);
  const output = new Channel(2 ** 20);
  const stub = new Stub(input, output, clock, stream(seed, 'test'));
  const out: { atMs: number; text: string }[] = [];
  const take = () => {
    for (let item = output.take(); item !== undefined; item = output.take()) {
      out.push({ atMs: clock.now(), text: textOf(item) });
    }
    output.whenItem(take);
  };
  take();
  let running = run(stub);
  return {
    clock,
    out,
    say: (text: string) => input.push({ data: Buffer.from(text), atMs: clock.now() }),
    end: () => input.push({ end: 'half' }),
    /** Interrupts the toxic, as a configuration change does, and waits until its function has returned. */
    async interrupt() {
      stub.interrupt();
      await running;
    },
    /** Continues with a new toxic, as after a configuration change. */
    resume(next: (stub: Stub) => Promise<void>) {
      stub.interrupted = false;
      running = next(stub);
    },
  };
}

const textOf = (item: Item): string => ('data' in item ? item.data.toString() : `<${item.end}>`);
