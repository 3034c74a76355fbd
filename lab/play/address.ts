import { nearest } from '#kit/schema/nearest.ts';
import { seedMax } from '#kit/schema/schema.ts';
import { faultClicks, isFaultClick } from './fault-clicks.ts';
import { pathOf, shortNameOf } from './options.ts';
import {
  type Change,
  type Click,
  type Playable,
  plainSetting,
  type Setting,
  type Side,
  sides,
} from './setting.ts';

/** Setting that an address names, and the moment to show. */
export interface Address {
  readonly setting: Setting;
  /** Undefined if the page chooses. */
  readonly atMs: number | undefined;
  /** Parts of the address that are ignored, or replaced by the nearest valid value. */
  readonly notes: readonly string[];
}

/** Limits of what an address may ask for. */
const msMax = 3_600_000;
const rateMax = 100_000;
const partsMax = 60;

const spikeMs = 3000;
const spikeFactor = 3;

/**
 * Reads an address such as `#05&load=90&B.budget=0.1&slow@8=5&seed=1&t=14`. Times are in seconds. `load@9=60` changes
 * the load at 9 s, `spike@8=3x4` multiplies it by 4 for 3 s, `slow@8=5` injects a fault for 5 s.
 */
export function readAddress(hash: string, playables: readonly Playable[]): Address {
  const notes: string[] = [];
  const parts = hash.replace(/^#/, '').split('&').map(decoded).filter(Boolean);
  const first = parts[0]?.includes('=') ? undefined : parts.shift();
  const playable = playableOf(first, playables, notes);
  const usual = plainSetting(playable);
  const { changes, clicks } = { changes: [] as Change[], clicks: [] as Click[] };
  let { seed, names } = usual;
  let atMs: number | undefined;
  if (parts.length > partsMax) notes.push(`only the first ${partsMax} parts count`);
  for (const part of parts.slice(0, partsMax)) {
    const [, name = '', at = '0', text = ''] = /^([^=@]+)(?:@([^=]*))?=(.*)$/s.exec(part) ?? [];
    const note: Note = (message) => void notes.push(`${short(part)}: ${message}`);
    if (name === '') note('expected name=value');
    else if (name === 't') atMs = milliseconds(text, 0, note);
    else if (name === 'seed') seed = Math.round(number(text, { most: seedMax, instead: usual.seed }, note));
    else if (name === 'A' || name === 'B')
      names = { ...names, [name]: variantOf(text, playable, names[name], note) };
    else if (isClick(name)) clicks.push(clickOf(name, milliseconds(at, 0, note), text, note));
    else changes.push(changeOf(name, text));
  }
  return { setting: { id: usual.id, seed, names, changes, clicks }, atMs, notes };
}

/** Notes that a part is ignored or replaced. */
type Note = (message: string) => void;

const short = (part: string): string => (part.length > 40 ? `${part.slice(0, 40)}…` : part);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function playableOf(id: string | undefined, playables: readonly Playable[], notes: string[]): Playable {
  const named = (name: string | undefined) =>
    playables.find((each) => each.id === name || each.name === name);
  const [usual] = playables as readonly [Playable];
  if (id === undefined) return usual;
  const known = playables.flatMap(({ id, name }) => [id, name]);
  const meant = named(id) ?? named(nearest(id, known)) ?? usual;
  if (meant !== named(id)) notes.push(`no experiment ${short(id)} on this page: ${meant.id} instead`);
  return meant;
}

interface Limits {
  readonly least?: number;
  readonly most: number;
  readonly instead: number;
}

function number(text: string, { least = 0, most, instead }: Limits, note: Note): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const near = Math.min(most, Math.max(least, value));
  if (Number.isNaN(value)) note(`expected a number, ${instead} instead`);
  else if (near !== value) note(`${near} instead`);
  return Number.isNaN(value) ? instead : near;
}

/** Reads a time in seconds, and returns it in ms. */
const milliseconds = (text: string, leastMs: number, note: Note, insteadMs = 0): number =>
  1000 * number(text, { least: leastMs / 1000, most: msMax / 1000, instead: insteadMs / 1000 }, note);

function variantOf(text: string, { value }: Playable, usual: string, note: Note): string {
  const known = Object.keys(value.variants as object);
  const name = known.includes(text) ? text : (nearest(text, known) ?? usual);
  if (name !== text) note(`no variant of this name: ${name} instead`);
  return name;
}

const isClick = (name: string): name is Click['kind'] =>
  name === 'load' || name === 'spike' || isFaultClick(name);

function clickOf(kind: Click['kind'], atMs: number, text: string, note: Note): Click {
  if (kind === 'load') return { kind, atMs, perSecond: number(text, { most: rateMax, instead: 1 }, note) };
  const [seconds = '', factor = String(spikeFactor)] = text.split('x');
  const forMs = milliseconds(seconds, 100, note, isFaultClick(kind) ? faultClicks[kind].forMs : spikeMs);
  if (isFaultClick(kind)) return { kind, atMs, forMs };
  return { kind, atMs, forMs, factor: number(factor, { most: 100, instead: spikeFactor }, note) };
}

function changeOf(name: string, text: string): Change {
  const [, side, rest = name] = /^([AB])\.(.+)$/s.exec(name) ?? [];
  const value = text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  return { side: side as Side | undefined, path: pathOf(rest), value };
}

/** Returns the address of a setting at a moment. It has only the differences. */
export function addressOf(setting: Setting, playable: Playable, atMs?: number): string {
  const { names, seed, changes, clicks } = setting;
  const parts = [
    setting.id,
    ...sides.flatMap((side) => (names[side] === playable.names[side] ? [] : `${side}=${names[side]}`)),
    ...changes.map(({ side, path, value }) => `${side ? `${side}.` : ''}${shortNameOf(path)}=${value}`),
    ...clicks.map(clickText),
    ...(seed === playable.seed ? [] : [`seed=${seed}`]),
    ...(atMs === undefined ? [] : [`t=${seconds(atMs)}`]),
  ];
  return `#${parts.join('&')}`;
}

function clickText(click: Click): string {
  const at = click.atMs === 0 ? '' : `@${seconds(click.atMs)}`;
  if (click.kind === 'load') return `load${at}=${click.perSecond}`;
  const factor = click.kind === 'spike' ? `x${click.factor}` : '';
  return `${click.kind}${at}=${seconds(click.forMs)}${factor}`;
}

const seconds = (ms: number): number => Number((ms / 1000).toFixed(3));
