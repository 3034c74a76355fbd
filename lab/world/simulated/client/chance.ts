import crypto from 'node:crypto';
import type { Random } from '#kit/random.ts';

/** Replaces all sources of chance in this thread by a stream of draws. */
export function patchChance(random: Random): void {
  Math.random = random;
  const fill = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(256 * random());
    return view;
  };
  const uuid = () => {
    const bytes = fill(new Uint8Array(16));
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return Buffer.from(bytes)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  };
  const integer = (from: number, to: number) => from + Math.floor((to - from) * random());
  const web = { getRandomValues: fill, randomUUID: uuid };
  for (const [name, value] of Object.entries(web))
    Object.defineProperty(globalThis.crypto, name, { value, configurable: true });
  Object.assign(crypto, {
    randomUUID: uuid,
    randomBytes: (size: number, done?: Done) => settle(fill(Buffer.alloc(size)), done),
    randomFillSync: (view: ArrayBufferView, ...range: number[]) => {
      fill(partOf(view, ...range));
      return view;
    },
    randomFill: (view: ArrayBufferView, ...rest: [...number[], Done]) => {
      fill(partOf(view, ...(rest.slice(0, -1) as number[])));
      settle(view, rest.at(-1) as Done);
    },
    randomInt: (from: number, to?: number | Done, done?: Done) =>
      typeof to === 'number' ? settle(integer(from, to), done) : settle(integer(0, from), to),
  });
}

type Done = (error: null, result: unknown) => void;

/** Returns the result, or hands it to the callback as late as Node does at the earliest. */
function settle<T>(result: T, done: Done | undefined): T | undefined {
  if (!done) return result;
  process.nextTick(done, null, result);
  return undefined;
}

/** Returns the part of a view from `offset` on. Both are counted in elements, as by Node. */
function partOf(view: ArrayBufferView, offset = 0, size?: number): Uint8Array {
  const { BYTES_PER_ELEMENT: each = 1 } = view as Partial<Uint8Array>;
  const bytes = size === undefined ? view.byteLength - each * offset : each * size;
  return new Uint8Array(view.buffer, view.byteOffset + each * offset, bytes);
}
