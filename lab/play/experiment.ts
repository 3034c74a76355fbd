import { variantAt } from '#lab/experiment/changes.ts';
import { check } from '#lab/experiment/check.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { durationMs, type Phase } from '#load/phases.ts';
import { textOf } from './address.ts';
import { fixedLoad, isOfLoad, type LoadClick, lengthened, scaledLoad } from './load.ts';
import { type Fields, isFromStart, type VariantValue, withOption } from './options.ts';
import {
  type Change,
  type Click,
  faultClicks,
  isFaultClick,
  type Setting,
  type Side,
  sides,
} from './setting.ts';
import { unplayable } from './unplayable.ts';

export interface Played {
  readonly experiment: Experiment;
  /** The same experiment as a file has it, without defaults. */
  readonly value: Fields & { readonly variants: Readonly<Record<string, VariantValue>> };
  /** Variants at the sides. They have different names. */
  readonly names: Readonly<Record<Side, string>>;
  /** Differences of the setting that are left out, or replaced by the nearest valid one. */
  readonly notes: readonly string[];
}

type Draft = Pick<Played, 'value' | 'names'>;

/** Step from an experiment to one with a further part, with the text of notes about it. */
type Step = readonly [text: string, apply: (draft: Draft, note: (why: string) => void) => Draft];

/** Fields of a file that a page leaves out: its conditions are judged only for the experiment as it was written. */
const leftOut: readonly string[] = [
  ...['hypothesis', 'steadyState', 'repeat', 'slowMotion', 'description'],
  ...['faults', 'redrives'], // added one by one
];

/** Returns the experiment of a setting. Leaves out what contradicts the rest, with a note. */
export function playedExperiment(setting: Setting): Played {
  const { changes, clicks, playable } = setting;
  const notes: string[] = [];
  const note = (what: string, why: string) => void notes.push(`${what}: ${why}`);
  const load = playable.value.load as readonly Phase[];
  const longer = lengthened(load, [...clicks, ...changes.filter(({ atMs }) => atMs > 0)]);
  const endMs = durationMs(longer) + Number(playable.value.deadlineMs);
  const isInTime = (each: Change | Click) => {
    if (each.atMs >= endMs) note(textOf(each), `left out, since it is after the end at ${endMs / 1000} s`);
    return each.atMs < endMs;
  };
  let draft = plain(setting);
  let experiment = checked(draft.value);
  if (Array.isArray(experiment))
    throw new Error(experiment.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
  const inTime = clicks.filter(isInTime);
  const steps = [
    loadStep(load, longer, inTime.filter(isOfLoad)),
    ...partsOf(playable.value, 'faults'),
    ...partsOf(playable.value, 'redrives'),
    ...changes
      .toSorted((a, b) => a.atMs - b.atMs)
      .filter(isInTime)
      .map(changeStep),
    ...inTime.map(clickStep),
  ];
  for (const [text, apply] of steps) {
    const next = apply(draft, (why) => note(text, why));
    if (next === draft) continue;
    const result = checked(next.value);
    if (Array.isArray(result)) note(text, `left out: ${result[0]!.message}`);
    else [draft, experiment] = [next, result];
  }
  return { ...draft, experiment, notes: [...new Set(notes)] };
}

const checked = (value: Fields) => {
  const experiment = check(value);
  const problems = Array.isArray(experiment) ? experiment : unplayable(experiment);
  return problems.length > 0 ? problems : (experiment as Experiment);
};

/** Returns the file's experiment with the variants of the sides only, and without faults and redrives. */
function plain({ names: { A, B }, seed, playable: { value, name } }: Setting): Draft {
  const all = value.variants as Record<string, VariantValue>;
  const variant = (of: string): VariantValue => ({ ...all[of]!, policies: all[of]!.policies ?? [] });
  const second = B === A ? `${A.slice(0, 38)}-b` : B;
  return {
    names: { A, B: second },
    value: {
      title: value.title,
      description: `Made on the page, from ${name}.`,
      ...Object.fromEntries(Object.entries(value).filter(([field]) => !leftOut.includes(field))),
      seed,
      variants: { [A]: variant(A), [second]: variant(B) },
    },
  };
}

const loadStep = (before: readonly Phase[], longer: readonly Phase[], clicks: readonly LoadClick[]): Step => [
  clicks.map(textOf).join(', ') || 'longer load',
  (draft, note) => {
    const fixed = fixedLoad(before);
    if (fixed !== undefined && clicks.length > 0) note(`left out: ${fixed}, expected constant or poisson`);
    const load = scaledLoad(longer, clicks);
    return load === before ? draft : { ...draft, value: { ...draft.value, load } };
  },
];

const partsIn = (value: Fields, list: 'faults' | 'redrives') => (value[list] ?? []) as readonly Fields[];

const withPart = ({ value, ...rest }: Draft, list: 'faults' | 'redrives', part: Fields): Draft => ({
  ...rest,
  value: { ...value, [list]: [...partsIn(value, list), part] },
});

/** Returns steps that add the file's faults or redrives. Some may affect no variant of the sides. */
const partsOf = (value: Fields, list: 'faults' | 'redrives'): Step[] =>
  partsIn(value, list).map((part) => [
    `${list.slice(0, -1)} ${part.name ?? ''}`.trim(),
    (draft) => withPart(draft, list, part),
  ]);

const changeStep = (change: Change): Step => [
  textOf(change),
  (draft, note) => {
    const { side, path, value } = change;
    const atMs = isFromStart(path) ? 0 : change.atMs;
    if (atMs < change.atMs) note('applies from the start');
    const variants = { ...draft.value.variants };
    for (const name of (side ? [side] : sides).map((each) => draft.names[each])) {
      const before = variants[name]!;
      const changed = withOption(variantAt(before, atMs), path, value);
      if ('unknown' in changed) {
        note(changed.unknown);
        return draft;
      }
      if (changed.note !== undefined) note(changed.note);
      variants[name] = atMs > 0 ? changedAt(before, changed.variant, atMs) : changed.variant;
    }
    return { ...draft, value: { ...draft.value, variants } };
  },
];

/** Returns a variant that gets the policies and the consumer of another one at a time. */
function changedAt(variant: VariantValue, { policies, consumer }: VariantValue, atMs: number): VariantValue {
  const before = (variant.changes ?? []).filter((each) => each.atMs !== atMs);
  return {
    ...variant,
    changes: [...before, { atMs, policies, ...(consumer !== undefined && { consumer }) }],
  };
}

const clickStep = (click: Click): Step => [
  textOf(click),
  (draft) => {
    const { kind, atMs } = click;
    if (kind === 'redrive') return withPart(draft, 'redrives', { atMs });
    if (!isFaultClick(kind) || !('forMs' in click)) return draft;
    const { fault } = faultClicks[kind];
    const isOfProcess = kind === 'kill' || kind === 'pause';
    const isOfEvents = Object.values(draft.value.variants).every(({ path }) => path === 'event');
    const taken = partsIn(draft.value, 'faults').map(({ name }) => name);
    let name: string = kind;
    for (let count = 2; taken.includes(name); count++) name = `${kind}-${count}`;
    const target = isOfProcess && isOfEvents ? 'consumer' : 'downstream';
    return withPart(draft, 'faults', { name, atMs, forMs: click.forMs, target, fault });
  },
];
