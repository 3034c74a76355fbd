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

/** Says what the two panels show at a time: "The load has been back to normal for 8 s. A completes 0 %, B 100 %." */
export function sentenceOf(
  { causes }: Pick<Scene, 'causes'>,
  readings: readonly Reading[],
  atMs: number,
  strips: readonly Strip[] = [],
): Part[] {
  const shares = readings.map(({ goodput }) => goodput);
  const both: Part[] = shares.flatMap((share, index) => [
    { text: index === 0 ? `${letters[index]} completes ` : `, ${letters[index]} ` },
    { text: percent(share), tone: toneOf(share) },
  ]);
  const active = causes.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  if (active.length > 0) {
    const names = active.map(({ name }) => name).join(', ');
    const leftMs = Math.max(...active.map(({ toMs }) => toMs)) - atMs;
    return [
      { text: `${capital(names)}, for ` },
      seconds(leftMs + 999),
      { text: ' more. ' },
      ...both,
      { text: '.' },
    ];
  }
  const last = causes.filter(({ toMs }) => toMs <= atMs).at(-1);
  if (last) {
    const forMs = seconds(atMs - last.toMs);
    const since: Part[] = /^load\b/i.test(last.name)
      ? [{ text: 'The load has been back to normal for ' }, forMs, { text: '. ' }]
      : [{ text: `The ${last.name.replace(/^slow\b/, 'slowdown')} ended ` }, forMs, { text: ' ago. ' }];
    const isIll = shares.some((share) => share !== undefined && share < isWell);
    const end = isIll ? 'No part is broken.' : recoveryOf(strips, last.toMs, atMs);
    return [...since, ...both, { text: `. ${end}` }];
  }
  const next = causes.find(({ fromMs }) => fromMs > atMs);
  const start = both.length > 0 && shares.every((share) => share === undefined);
  const now: Part[] = start ? [{ text: 'Both get the same requests.' }] : [...both, { text: '.' }];
  if (!next) return now;
  return [...now, { text: ` ${capital(next.name)} in ` }, seconds(next.fromMs - atMs + 999), { text: '.' }];
}

/** Says how long each variant took after a cause, as "A took 2.9 s to come back, B 0.4 s." */
function recoveryOf(strips: readonly Strip[], fromMs: number, atMs: number): string {
  const took = strips.map((strip) => {
    const recoveredMs = recoveredAt(strip, isWell, fromMs, atMs);
    return recoveredMs === undefined ? undefined : (recoveredMs - fromMs) / 1000;
  });
  const [a, b] = took;
  if (a === undefined || b === undefined || Math.abs(a - b) < 0.5) return 'Both are well.';
  return `A took ${a.toFixed(1)}\u00a0s to come back, B ${b.toFixed(1)}\u00a0s.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Says what a panel's pile or queue means. */
export function noteOf({ frame, inFlight }: Reading): string {
  const { abandoned } = frame.inFlight;
  const { queue } = frame;
  const isForNobody = abandoned * 2 > inFlight && inFlight > 20;
  if (!isForNobody && queue && queue.waiting > 0) {
    const oldest = `the oldest for ${(queue.oldestMs / 1000).toFixed(1)} s`;
    return `${queue.waiting.toLocaleString('en')} wait in the queue, ${oldest}`;
  }
  if (!isForNobody && queue) return 'nothing waits in the queue';
  return `${percent(inFlight === 0 ? 0 : abandoned / inFlight)} for callers that have left`;
}
