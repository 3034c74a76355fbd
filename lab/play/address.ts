import { nearest } from '#kit/schema/nearest.ts';
import { seedMax } from '#kit/schema/schema.ts';
import { pathOf, shortNameOf } from './options.ts';
import {
  type Change,
  type Click,
  clickNames,
  faultClicks,
  type Playable,
  plainSetting,
  type Setting,
  type Side,
  sides,
} from './setting.ts';

type Range = readonly [least: number, most: number];

/** Limits of what an address may ask for. Times are in seconds. */
const secondsMax = 3600;
const rates: Range = [1, 100_000];
const factors: Range = [0.01, 100];
const partsMax = 60;

/** Spike of an address without its options. */
const spike = { forMs: 3000, factor: 3 };

/**
 * Reads an address such as `#05&load=90&B.budget@5=0.1&slow@8=5&seed=1&t=14`. Times are in seconds. `load@9=60` changes
 * the load at 9 s, `spike@8=3x4` multiplies it by 4 for 3 s, `slow@8=5` injects a fault for 5 s. Returns the setting, the
 * moment to show unless the page chooses it, and notes on parts that are ignored or replaced by the nearest valid value.
 */
export function readAddress(hash: string, playables: readonly Playable[]) {
  const notes: string[] = [];
  const parts = [...new URLSearchParams(hash.replace(/^#/, ''))];
  const first = parts[0]?.[1] === '' ? parts.shift()![0] : undefined;
  const usual = plainSetting(playableOf(first, playables, notes));
  const changes: Change[] = [];
  const clicks: Click[] = [];
  let { seed, names } = usual;
  let atMs: number | undefined;
  if (parts.length > partsMax) notes.push(`only the first ${partsMax} parts count`);
  for (const [key, text] of parts.slice(0, partsMax)) {
    const [name = '', at] = key.split('@', 2);
    const note: Note = (message) =>
      void notes.push(`${short(text === '' ? key : `${key}=${text}`)}: ${message}`);
    const time = at === undefined ? 0 : milliseconds(at, note);
    if (name === '' || (text === '' && name !== 'redrive')) note('expected name=value');
    else if (name === 't') atMs = milliseconds(text, note);
    else if (name === 'seed') seed = Math.round(number(text, [0, seedMax], seed, note));
    else if (name === 'A' || name === 'B')
      names = { ...names, [name]: variantOf(text, usual.playable, names[name], note) };
    else if (clickNames.includes(name)) clicks.push(clickOf(name as Click['kind'], time, text, note));
    else changes.push(changeOf(name, time, text));
  }
  const setting: Setting = { ...usual, seed, names, changes, clicks };
  return { setting, atMs, notes };
}

/** Notes that a part is ignored or replaced. */
type Note = (message: string) => void;

const short = (part: string): string => (part.length > 40 ? `${part.slice(0, 40)}…` : part);

function playableOf(id: string | undefined, playables: readonly Playable[], notes: string[]): Playable {
  const named = (name = '') => playables.find((each) => each.id === name || each.name === name);
  const known = playables.flatMap(({ id, name }) => [id, name]);
  const meant = named(id) ?? named(nearest(id ?? '', known)) ?? playables[0]!;
  if (id !== undefined && !named(id))
    notes.push(`no experiment ${short(id)} on this page: ${meant.id} instead`);
  return meant;
}

function number(text: string, [least, most]: Range, instead: number, note: Note): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const near = Math.min(most, Math.max(least, value));
  if (Number.isNaN(value)) note(`expected a number, ${instead} instead`);
  else if (near !== value) note(`${near} instead`);
  return Number.isNaN(value) ? instead : near;
}

/** Reads a time in seconds, and returns it in ms. */
const milliseconds = (text: string, note: Note, least = 0, insteadMs = 0): number =>
  1000 * number(text, [least, secondsMax], insteadMs / 1000, note);

function variantOf(text: string, { value }: Playable, usual: string, note: Note): string {
  const known = Object.keys(value.variants as object);
  const name = known.includes(text) ? text : (nearest(text, known) ?? usual);
  if (name !== text) note(`no variant of this name: ${name} instead`);
  return name;
}

function clickOf(kind: Click['kind'], atMs: number, text: string, note: Note): Click {
  if (kind === 'redrive') return { kind, atMs };
  if (kind === 'load') return { kind, atMs, perSecond: number(text, rates, rates[0], note) };
  const [seconds = '', factor = String(spike.factor)] = text.split('x');
  const usualMs = kind === 'spike' ? spike.forMs : faultClicks[kind].forMs;
  const forMs = milliseconds(seconds, note, 0.1, usualMs);
  if (kind !== 'spike') return { kind, atMs, forMs };
  return { kind, atMs, forMs, factor: number(factor, factors, spike.factor, note) };
}

function changeOf(name: string, atMs: number, text: string): Change {
  const [, side, rest = name] = /^([AB])\.(.+)$/s.exec(name) ?? [];
  const value = text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  return { side: side as Side | undefined, path: pathOf(rest), value, atMs };
}

/** Returns the address of a setting at a moment. It has only the differences. */
export function addressOf({ playable, names, seed, changes, clicks }: Setting, atMs?: number): string {
  const parts = [
    playable.id,
    ...sides.flatMap((side) => (names[side] === playable.names[side] ? [] : `${side}=${names[side]}`)),
    ...[...changes, ...clicks].map(textOf),
    ...(seed === playable.seed ? [] : [`seed=${seed}`]),
    ...(atMs === undefined ? [] : [`t=${seconds(atMs)}`]),
  ];
  return `#${parts.join('&')}`;
}

/** Returns a change or a click as an address has it. */
export function textOf(each: Change | Click): string {
  const at = each.atMs === 0 ? '' : `@${seconds(each.atMs)}`;
  if ('path' in each)
    return `${each.side ? `${each.side}.` : ''}${shortNameOf(each.path)}${at}=${each.value}`;
  const name = `${each.kind}${at}`;
  if (each.kind === 'redrive') return name;
  if (each.kind === 'load') return `${name}=${each.perSecond}`;
  return `${name}=${seconds(each.forMs)}${each.kind === 'spike' ? `x${each.factor}` : ''}`;
}

const seconds = (ms: number): number => Number((ms / 1000).toFixed(3));
