import { nearest } from '#kit/schema/nearest.ts';
import { seedMax } from '#kit/schema/schema.ts';
import { faultClicks, isFaultClick } from './fault-clicks.ts';
import { pathOf, shortNameOf } from './options.ts';
import { type Change, type Click, type Playable, plainSetting, type Setting, type Side } from './setting.ts';

/** What an address says: a setting, and the moment to show. */
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
  const parts = hash
    .replace(/^#/, '')
    .split('&')
    .map(decoded)
    .filter((part) => part !== '');
  const first = parts[0] !== undefined && !parts[0].includes('=') ? parts.shift() : undefined;
  const playable = playableOf(first, playables, notes);
  let setting = plainSetting(playable);
  let atMs: number | undefined;
  if (parts.length > partsMax) notes.push(`only the first ${partsMax} parts count`);
  for (const part of parts.slice(0, partsMax)) {
    const [, name = '', at, text = ''] = /^([^=@]+)(?:@([^=]*))?=(.*)$/s.exec(part) ?? [];
    const note = (message: string) => void notes.push(`${short(part)}: ${message}`);
    if (name === 't') atMs = 1000 * number(text, { most: msMax / 1000, instead: 0 }, note);
    else if (name === 'seed')
      setting = {
        ...setting,
        seed: Math.round(number(text, { most: seedMax, instead: setting.seed }, note)),
      };
    else if (name === 'A' || name === 'B') setting = withName(setting, name, text, playable, note);
    else if (name === 'load' || name === 'spike' || isFaultClick(name)) {
      const click = clickOf(
        name,
        1000 * number(at ?? '0', { most: msMax / 1000, instead: 0 }, note),
        text,
        note,
      );
      setting = { ...setting, clicks: [...setting.clicks, click] };
    } else if (name === '') note('expected name=value');
    else setting = { ...setting, changes: [...setting.changes, changeOf(name, text)] };
  }
  return { setting, atMs, notes };
}

const short = (part: string): string => (part.length > 40 ? `${part.slice(0, 40)}…` : part);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function playableOf(id: string | undefined, playables: readonly Playable[], notes: string[]): Playable {
  const [usual] = playables as readonly [Playable];
  if (id === undefined) return usual;
  const found = playables.find((each) => each.id === id || each.name === id);
  if (found) return found;
  const near = nearest(
    id,
    playables.flatMap(({ id, name }) => [id, name]),
  );
  const meant = playables.find((each) => each.id === near || each.name === near) ?? usual;
  notes.push(`no experiment ${short(id)} on this page: ${meant.id} instead`);
  return meant;
}

function number(
  text: string,
  { least = 0, most, instead }: { least?: number; most: number; instead: number },
  note: (message: string) => void,
): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) {
    note(`expected a number, ${instead} instead`);
    return instead;
  }
  const near = Math.min(most, Math.max(least, value));
  if (near !== value) note(`${near} instead`);
  return near;
}

function withName(
  setting: Setting,
  side: Side,
  text: string,
  playable: Playable,
  note: (message: string) => void,
): Setting {
  const known = Object.keys(playable.value.variants as object);
  const name = known.includes(text) ? text : nearest(text, known);
  if (name !== text) note(`no variant of this name: ${name ?? setting.names[side]} instead`);
  return { ...setting, names: { ...setting.names, [side]: name ?? setting.names[side] } };
}

function clickOf(kind: string, atMs: number, text: string, note: (message: string) => void): Click {
  if (kind === 'load') return { kind, atMs, perSecond: number(text, { most: rateMax, instead: 1 }, note) };
  const [seconds = '', factor = String(spikeFactor)] = text.split('x');
  const usualMs = isFaultClick(kind) ? faultClicks[kind].forMs : spikeMs;
  const forMs = 1000 * number(seconds, { least: 0.1, most: msMax / 1000, instead: usualMs / 1000 }, note);
  if (isFaultClick(kind)) return { kind, atMs, forMs };
  return { kind: 'spike', atMs, forMs, factor: number(factor, { most: 100, instead: spikeFactor }, note) };
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
    ...(['A', 'B'] as const)
      .filter((side) => names[side] !== playable.names[side])
      .map((side) => `${side}=${names[side]}`),
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
