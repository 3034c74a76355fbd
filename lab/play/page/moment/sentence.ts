import type { Scene, Strip } from '#lab/play/frame.ts';
import { type Reading, recoveredAt } from './readings.ts';

export interface Part {
  readonly text: string;
  readonly tone?: 'good' | 'bad' | 'strong';
}

/** At or above this share a variant is well, below `isDown` it is down. */
const isWell = 0.9;
const isDown = 0.5;

export const letters = ['A', 'B'] as const;

export const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${Math.round(share * 100)}\u00a0%`;

export const toneOf = (goodput: number | undefined): 'good' | 'bad' | 'strong' =>
  goodput === undefined ? 'strong' : goodput >= isWell ? 'good' : goodput < isDown ? 'bad' : 'strong';

const seconds = (ms: number): Part => ({ text: `${Math.floor(ms / 1000)}\u00a0s`, tone: 'strong' });
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

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
  strips: readonly Strip[] = [],
): Part[] {
  const shares = readings.map(({ goodput }) => goodput);
  const [a, b] = shares.map((share) => ({ text: percent(share), tone: toneOf(share) })) as [Part, Part];
  const both = say`A completes ${a}, B ${b}.`;
  const active = causes.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (active.length > 0) {
    const names = active.map(({ name }) => name).join(', ');
    const leftMs = Math.max(...active.map(({ toMs }) => toMs)) - atMs;
    return say`${capital(names)}, for ${seconds(leftMs + 999)} more. ${both}`;
  }
  const last = causes.findLast(({ toMs }) => toMs <= atMs);
  if (last) {
    const forMs = seconds(atMs - last.toMs);
    const since = /^load\b/i.test(last.name)
      ? say`The load has been back to normal for ${forMs}.`
      : say`The ${last.name.replace(/^slow\b/, 'slowdown')} ended ${forMs} ago.`;
    const isIll = shares.some((share) => share !== undefined && share < isWell);
    return say`${since} ${both} ${isIll ? 'No part is broken.' : recoveryOf(strips, last.toMs, atMs)}`;
  }
  const now = shares.every((share) => share === undefined) ? say`Both get the same requests.` : both;
  const next = causes.find(({ fromMs }) => fromMs > atMs);
  return next ? say`${now} ${capital(next.name)} in ${seconds(next.fromMs - atMs + 999)}.` : now;
}

/** Says when each variant was well again, as "A was back after 2.9 s, B after 0.4 s." */
function recoveryOf(strips: readonly Strip[], fromMs: number, atMs: number): string {
  const took = strips.map((strip) => (recoveredAt(strip, isWell, fromMs, atMs) ?? Number.NaN) - fromMs);
  const [a, b] = took.map((ms) => (ms < 100 ? 'at once' : `after ${(ms / 1000).toFixed(1)}\u00a0s`));
  const differ = Math.abs(took[0]! - took[1]!) >= 500;
  return differ ? `A was back ${a}, B ${b}.` : 'Both are well.';
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
