import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Function that returns the next uniform draw from [0, 1). */
export type Random = () => number;

/**
 * Returns a uniform draw from [0, 1) for one purpose of one attempt. The draw is a hash of the arguments, not the next
 * number of a stream. So a request has the same draw in every variant, regardless of other requests.
 */
export function drawFor(seed: number, id: string, attempt: number, purpose: string): number {
  // Uses FNV-1a, followed by the last step of MurmurHash3, since the high bits of FNV-1a are weak.
  let hash = Math.imul(seed ^ 0x811c9dc5, 0x01000193);
  hash = fnv1a(hash, id);
  hash = fnv1a(Math.imul(hash ^ attempt, 0x01000193), purpose);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function fnv1a(start: number, text: string): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Returns a stream of draws that the seed determines, for events in a fixed order, such as arrivals. */
export function stream(seed: number, purpose: string): Random {
  const generator = xoroshiro128plus(fnv1a(seed | 0, purpose));
  return () => uniformFloat64(generator);
}

export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
