import type { Scene } from '#lab/play/scene.ts';
import { capitalised } from '#lab/show/conclusion/words.ts';
import type { Reading } from './readings.ts';

/** At or above this share a variant is well, below `isDown` it is down. */
const isWell = 0.9;
const isDown = 0.5;
/** Shares that differ by less are equal. Then attempts per request that differ by more tell the story. */
const equal = { share: 0.02, attempts: 0.3 };

export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${Math.round(share * 100)}\u00a0%`;

export const toneOf = (goodput: number | undefined): 'good' | 'bad' | '' =>
  goodput === undefined ? '' : goodput >= isWell ? 'good' : goodput < isDown ? 'bad' : '';

const seconds = (ms: number): string => `${Math.floor(ms / 1000)}\u00a0s`;

/** Says what the two panels show at a time: "The load has been back to normal for 8 s. A completes 0 %, B 100 %." */
export function sentenceOf(
  { causes, loadMs }: Pick<Scene, 'causes' | 'loadMs'>,
  readings: readonly Reading[],
  atMs: number,
) {
  const shares = readings.map(({ goodput }) => goodput);
  const both = `A completes ${percent(shares[0])}, B ${percent(shares[1])}.`;
  const active = causes.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (active.length > 0) {
    const names = active.map(({ name }) => name).join(', ');
    const leftMs = Math.max(...active.map(({ toMs }) => toMs)) - atMs;
    return `${capitalised(names)}, for ${seconds(leftMs + 999)} more. ${attemptsOf(readings) ?? both}`;
  }
  const last = causes.findLast(({ toMs }) => toMs <= atMs);
  if (last) {
    const forMs = seconds(atMs - last.toMs);
    const isBack = last.toMs < loadMs;
    const back = isBack ? `The load has been back to normal for ${forMs}.` : 'The load has ended.';
    const since = /^load\b/i.test(last.name)
      ? back
      : `The ${last.name.replace(/^slow\b/, 'slowdown')} ended ${forMs} ago.`;
    const isIll = shares.some((share) => share !== undefined && share < isWell);
    return `${since} ${both} ${isIll ? 'No part is broken.' : 'Both are well.'}`;
  }
  const now = shares.every((share) => share === undefined) ? 'Both get the same requests.' : both;
  const next = causes.find(({ fromMs }) => fromMs > atMs);
  return next ? `${now} ${capitalised(next.name)} in ${seconds(next.fromMs - atMs + 999)}.` : now;
}

/** Says how many attempts the variants make, if they complete the same share. */
function attemptsOf(readings: readonly Reading[]): string | undefined {
  const [one, other] = readings.map(({ goodput = Number.NaN }) => goodput) as [number, number];
  const factors = readings.map(({ attemptsPerRequest = Number.NaN }) => attemptsPerRequest);
  const [inA, inB] = factors as [number, number];
  if (!(Math.abs(one - other) < equal.share && Math.abs(inA - inB) > equal.attempts)) return undefined;
  return `Both complete ${percent(one)}, with ×${inA.toFixed(1)} the load on the dependency in A, ×${inB.toFixed(1)} in B.`;
}

/** Says what grows in a panel, and what that means. */
export function noteOf({ frame, inFlight }: Reading): readonly [string, string] {
  const { abandoned } = frame.inFlight;
  const calls = `${inFlight.toLocaleString('en')} in flight`;
  if (!frame.queue || (abandoned * 2 > inFlight && inFlight > 20))
    return [calls, `${percent(abandoned / Math.max(1, inFlight))} for callers that have left`];
  const { waiting, oldestMs } = frame.queue;
  const oldest = waiting > 0 ? `the oldest ${(oldestMs / 1000).toFixed(1)}\u00a0s, ` : '';
  return [`${waiting.toLocaleString('en')} in the queue`, oldest + calls];
}
