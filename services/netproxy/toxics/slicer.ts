import type { Random } from '#kit/random.ts';
import { Type } from '#kit/schema/type.ts';
import { bytes, toxic, toxicFault } from './toxic.ts';

/** Cuts what arrives into slices, with a pause after each. */
export const slicer = toxic({
  attributes: {
    average_size: bytes(1, 'Average size of a slice, in bytes.'),
    size_variation: bytes(0, 'In bytes, plus or minus; less than the average size.'),
    delay: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 3_600_000_000,
      description: 'After each slice, in µs.',
    }),
  },
  check: ({ average_size, size_variation }) =>
    size_variation < average_size
      ? []
      : [
          {
            pointer: '/size_variation',
            message: `expected less than the average, which is ${average_size}`,
          },
        ],
  async pipe(stub, { average_size, size_variation, delay }) {
    let atLeastMs = 0;
    for await (const { data, atMs } of stub.chunks()) {
      for (const slice of slices(data, average_size, size_variation, stub.random)) {
        await stub.write({ data: slice, atMs });
        // From scheduled time to scheduled time: exact on average even if shorter than a timer's resolution.
        atLeastMs = Math.max(atLeastMs, atMs) + delay / 1000;
        await stub.until(atLeastMs);
      }
    }
  },
});

export const slicerFault = toxicFault(slicer, {
  type: 'slicer',
  description: 'Bytes arrive in slices, with a pause after each.',
  state: 'sliced',
  options: { averageBytes: 'average_size', variationBytes: 'size_variation', delayUs: 'delay' },
});

/** Halves the bytes, give or take the variation, until a half is no larger than average plus variation. */
function slices(data: Buffer, average: number, variation: number, random: Random): Buffer[] {
  if (data.length <= average + variation) return [data];
  const middle = Math.floor(data.length / 2 + (2 * random() - 1) * variation);
  const at = Math.min(Math.max(middle, 1), data.length - 1);
  return [
    ...slices(data.subarray(0, at), average, variation, random),
    ...slices(data.subarray(at), average, variation, random),
  ];
}
