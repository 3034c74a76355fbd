import { nearest } from '#kit/schema/nearest.ts';
import { seedMax } from '#kit/schema/schema.ts';
import { cut } from '#kit/schema/shorten.ts';
import type { Phase } from '#load/phases.ts';
import { baseRate } from './load.ts';
import { type Note, nearestNumber, pathOf, shortNameOf } from './options.ts';
import {
  type Change,
  type Click,
  clickNames,
  type Edit,
  type Playable,
  plainSetting,
  type Setting,
  type Side,
  sides,
  usual,
} from './setting.ts';

/** Limits of what an address may ask for. Times are in seconds. A load is so many times that of the file at most. */
const secondsMax = 3600;
const factors = { least: 0.01, most: 20 };
const partsMax = 60;
const lengthMax = 100;

/**
 * Reads an address such as `#05&load=90&B.budget@5=0.1&slow@8=5&seed=1&t=14`. Times are in seconds. `load@9=60` changes
 * the load at 9 s, `spike@8=3x4` multiplies it by 4 for 3 s, `slow@8=5` injects a fault for 5 s. Returns the setting, the
 * moment to show unless the page chooses it, and notes on parts that are ignored or replaced by the nearest valid value.
 */
export function readAddress(hash: string, playables: readonly Playable[]) {
  const notes: string[] = [];
  const parts = [...new URLSearchParams(hash.replace(/^#/, ''))];
  const first = parts[0]?.[1] === '' ? parts.shift()![0] : undefined;
  const plain = plainSetting(playableOf(first, playables, notes));
  const edits: Edit[] = [];
  let { seed, names } = plain;
  let atMs: number | undefined;
  if (parts.length > partsMax) notes.push(`only the first ${partsMax} parts count`);
  for (const [key, text] of parts.slice(0, partsMax)) {
    const [name = '', at] = key.split('@', 2);
    const note: Note = (message) =>
      void notes.push(`${cut(text === '' ? key : `${key}=${text}`, lengthMax)}: ${message}`);
    const time = at === undefined ? 0 : milliseconds(at, note);
    if (key.length + text.length > lengthMax) note(`expected at most ${lengthMax} characters`);
    else if (name === '' || (text === '' && name !== 'redrive')) note('expected name=value');
    else if (name === 't') atMs = 1000 * nearestNumber(text, { least: 0 }, 0, note);
    else if (name === 'seed')
      seed = nearestNumber(text, { least: 0, most: seedMax, isWhole: true }, seed, note);
    else if (name === 'A' || name === 'B')
      names = { ...names, [name]: variantOf(text, plain.playable, names[name], note) };
    else if (clickNames.includes(name)) edits.push(clickOf(name as Click['kind'], time, text, plain, note));
    else edits.push(changeOf(name, time, text));
  }
  const setting: Setting = { ...plain, seed, names, edits };
  return { setting, atMs, notes };
}

function playableOf(id: string | undefined, playables: readonly Playable[], notes: string[]): Playable {
  const named = (name = '') => playables.find((each) => each.id === name || each.name === name);
  const known = playables.flatMap(({ id, name }) => [id, name]);
  const meant = named(id) ?? named(nearest(id ?? '', known)) ?? playables[0]!;
  if (id !== undefined && !named(id))
    notes.push(`no experiment ${cut(id, lengthMax)} on this page: ${meant.id} instead`);
  return meant;
}

/** Reads a time in seconds, and returns it in ms. */
const milliseconds = (text: string, note: Note, least = 0, insteadMs = 0): number =>
  1000 * nearestNumber(text, { least, most: secondsMax }, insteadMs / 1000, note);

function variantOf(text: string, { value }: Playable, usual: string, note: Note): string {
  const known = Object.keys(value.variants as object);
  const name = known.includes(text) ? text : (nearest(text, known) ?? usual);
  if (name !== text) note(`no variant of this name: ${name} instead`);
  return name;
}

function clickOf(kind: Click['kind'], atMs: number, text: string, { playable }: Setting, note: Note): Click {
  if (kind === 'redrive') return { kind, atMs };
  const rate = baseRate(playable.value.load as readonly Phase[]);
  const rates = { least: 1, most: Math.max(1, factors.most * (rate ?? Infinity)) };
  if (kind === 'load') return { kind, atMs, perSecond: nearestNumber(text, rates, rate ?? 1, note) };
  const { act } = usual[kind];
  if (!('factor' in act)) return { kind, atMs, forMs: milliseconds(text, note, 0.1, act.forMs) };
  const [seconds = '', factor = `${act.factor}`] = text.split('x');
  const forMs = milliseconds(seconds, note, 0.1, act.forMs);
  return { kind, atMs, forMs, factor: nearestNumber(factor, factors, act.factor, note) };
}

function changeOf(name: string, atMs: number, text: string): Change {
  const [, side, rest = name] = /^([AB])\.(.+)$/s.exec(name) ?? [];
  const value = text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  return { side: side as Side | undefined, path: pathOf(rest), value, atMs };
}

/** Returns the address of a setting at a moment. It has only the differences. */
export function addressOf({ playable, names, seed, edits }: Setting, atMs?: number): string {
  const parts = [
    playable.id,
    ...sides.flatMap((side) => (names[side] === playable.names[side] ? [] : `${side}=${names[side]}`)),
    ...edits.map(textOf),
    ...(seed === playable.seed ? [] : [`seed=${seed}`]),
    ...(atMs === undefined ? [] : [`t=${seconds(atMs)}`]),
  ];
  return `#${parts.join('&')}`;
}

/** Returns an edit as an address has it. */
export function textOf(each: Edit): string {
  const at = each.atMs === 0 ? '' : `@${seconds(each.atMs)}`;
  if ('path' in each)
    return `${each.side ? `${each.side}.` : ''}${shortNameOf(each.path)}${at}=${each.value}`;
  const name = `${each.kind}${at}`;
  if (each.kind === 'redrive') return name;
  if (each.kind === 'load') return `${name}=${each.perSecond}`;
  return `${name}=${seconds(each.forMs)}${each.factor === undefined ? '' : `x${each.factor}`}`;
}

const seconds = (ms: number): number => Number((ms / 1000).toFixed(3));
