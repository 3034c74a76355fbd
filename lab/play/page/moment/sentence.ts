import type { Scene } from '#lab/play/scene.ts';
import { capitalised } from '#lab/show/conclusion/words.ts';
import type { Reading } from './readings.ts';

export interface Part {
  readonly text: string;
  readonly tone?: 'good' | 'bad' | 'strong';
}

/** At or above this share a variant is well, below `isDown` it is down. */
const isWell = 0.9;
const isDown = 0.5;
/** Shares that differ by less are as good as equal; then attempts per request that differ by more tell the story. */
const equal = { share: 0.02, attempts: 0.3 };

export const letters = ['A', 'B'] as const;

export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${Math.round(share * 100)}\u00a0%`;

export const toneOf = (goodput: number | undefined): 'good' | 'bad' | 'strong' =>
  goodput === undefined ? 'strong' : goodput >= isWell ? 'good' : goodput < isDown ? 'bad' : 'strong';

const strong = (text: string): Part => ({ text, tone: 'strong' });
const seconds = (ms: number): Part => strong(`${Math.floor(ms / 1000)}\u00a0s`);

/** Tag of a sentence with parts that have a tone. */
const say = (texts: TemplateStringsArray, ...parts: readonly (string | Part | readonly Part[])[]): Part[] =>
  texts.flatMap((text, index) => {
    const part = parts[index] ?? [];
    return [{ text }, typeof part === 'string' ? { text: part } : part].flat();
  });

/** Says what the two panels show at a time: "The load has been back to normal for 8 s. A completes 0 %, B 100 %." */
export function sentenceOf(
  { causes }: Pick<Scene, 'causes'>,
  readings: readonly Reading[],
  atMs: number,
): Part[] {
  const shares = readings.map(({ goodput }) => goodput);
  const [a, b] = shares.map((share) => ({ text: percent(share), tone: toneOf(share) })) as [Part, Part];
  const both = say`A completes ${a}, B ${b}.`;
  const active = causes.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (active.length > 0) {
    const names = active.map(({ name }) => name).join(', ');
    const leftMs = Math.max(...active.map(({ toMs }) => toMs)) - atMs;
    const now = attemptsOf(readings) ?? both;
    return say`${capitalised(names)}, for ${seconds(leftMs + 999)} more. ${now}`;
  }
  const last = causes.findLast(({ toMs }) => toMs <= atMs);
  if (last) {
    const forMs = seconds(atMs - last.toMs);
    const since = /^load\b/i.test(last.name)
      ? say`The load has been back to normal for ${forMs}.`
      : say`The ${last.name.replace(/^slow\b/, 'slowdown')} ended ${forMs} ago.`;
    const isIll = shares.some((share) => share !== undefined && share < isWell);
    return say`${since} ${both} ${isIll ? 'No part is broken.' : 'Both are well.'}`;
  }
  const now = shares.every((share) => share === undefined) ? say`Both get the same requests.` : both;
  const next = causes.find(({ fromMs }) => fromMs > atMs);
  return next ? say`${now} ${capitalised(next.name)} in ${seconds(next.fromMs - atMs + 999)}.` : now;
}

/** Says what attempts the variants make, if they complete the same: "Both complete 0 %, with ×3.0 the load …" */
function attemptsOf(readings: readonly Reading[]): Part[] | undefined {
  const [one, other] = readings.map(({ goodput = Number.NaN }) => goodput) as [number, number];
  const factors = readings.map(
    ({ attemptsPerSecond, offeredPerSecond }) => attemptsPerSecond / offeredPerSecond,
  );
  const [a, b] = factors as [number, number];
  const isTold = Math.abs(one - other) < equal.share && Math.abs(a - b) > equal.attempts;
  // Events that waited arrive later than they were offered, so that the factors would mean nothing.
  if (!isTold || readings.some(({ frame }) => frame.queue !== undefined)) return undefined;
  const both = { text: percent(one), tone: toneOf(one) };
  const [inA, inB] = [a, b].map((factor) => strong(`×${factor.toFixed(1)}`));
  return say`Both complete ${both}, with ${inA!} the load on the dependency in A, ${inB!} in B.`;
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
