import type { Random } from '#kit/random.ts';
import { integer } from '#kit/schema/schema.ts';
import { bytesMax, toxic } from './toxic.ts';

/** Cuts incoming bytes into slices, with a pause after each slice. */
export const slicer = toxic({
  attributes: {
    average_size: integer({ from: 1, to: bytesMax }, 'Average size of a slice, in bytes.'),
    size_variation: integer(
      { from: 0, to: bytesMax, default: 0 },
      'Largest random change of the size in bytes, plus or minus; less than the average size.',
    ),
    delay: integer({ from: 0, to: 3_600_000_000, default: 0 }, 'Pause after each slice, in µs.'),
  },
  check({ average_size, size_variation }) {
    if (size_variation < average_size) return [];
    const message = `expected less than the average, which is ${average_size}`;
    return [{ pointer: '/size_variation', message }];
  },
  async pipe(stub, { average_size, size_variation, delay }) {
    let atLeastMs = 0;
    for await (const { data, atMs } of stub.chunks()) {
      for (const slice of slices(data, average_size, size_variation, stub.random)) {
        await stub.write({ data: slice, atMs });
        // Adds the pause to the scheduled time, not to the current time, so that pauses below a timer's resolution are
        // exact on average.
        atLeastMs = Math.max(atLeastMs, atMs) + delay / 1000;
        await stub.until(atLeastMs);
      }
    }
  },
});

/**
 * Halves the bytes repeatedly, at a random place around the middle, until each part has at most average plus variation.
 */
function slices(data: Uint8Array, average: number, variation: number, random: Random): Uint8Array[] {
  if (data.length <= average + variation) return [data];
  const middle = Math.floor(data.length / 2 + (2 * random() - 1) * variation);
  const at = Math.min(Math.max(middle, 1), data.length - 1);
  return [data.subarray(0, at), data.subarray(at)].flatMap((half) =>
    slices(half, average, variation, random),
  );
}
