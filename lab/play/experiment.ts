import { escapePointer } from '#kit/schema/problems.ts';
import { variantAt } from '#lab/experiment/changes.ts';
import { check } from '#lab/experiment/check.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { durationMs, type Phase } from '#load/phases.ts';
import { textOf } from './address.ts';
import { baseRate, isOfLoad, type LoadClick, lengthened, scaledLoad } from './load.ts';
import { type Fields, type Note, type VariantValue, withOption } from './options.ts';
import { type Change, type Click, type Edit, type Setting, type Side, sides, usual } from './setting.ts';

type Value = Fields & { readonly variants: Readonly<Record<string, VariantValue>> };

export interface Played {
  readonly experiment: Experiment;
  /** The same experiment as a file has it, without defaults. */
  readonly value: Value;
  /** Variants at the sides. They have different names. */
  readonly names: Readonly<Record<Side, string>>;
  /** Differences of the setting that are left out, or replaced by the nearest valid one. */
  readonly notes: readonly string[];
}

/** Fields of a file that a page leaves out: its conditions are judged only for the experiment as it was written. */
const leftOut: readonly string[] = [
  ...['hypothesis', 'steadyState', 'repeat', 'slowMotion', 'description'],
  ...['faults', 'redrives'], // added one by one
];

/** Returns the experiment of a setting. Leaves out what contradicts the rest, with a note. */
export function playedExperiment(setting: Setting): Played {
  const { edits, playable } = setting;
  const notes = new Set<string>();
  const noteOn = (text: string) => (why: string) => void notes.add(`${text}: ${why}`);
  const load = playable.value.load as readonly Phase[];
  const longer = lengthened(load, edits);
  const endMs = durationMs(longer) + Number(playable.value.deadlineMs);
  const isInTime = (each: Edit) => {
    if (each.atMs >= endMs) noteOn(textOf(each))(`left out, since it is after the end at ${endMs / 1000} s`);
    return each.atMs < endMs;
  };
  let { names, value }: Pick<Played, 'names' | 'value'> = plain(setting);
  let experiment = checked(value);
  if (Array.isArray(experiment))
    throw new Error(experiment.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
  /** Goes on with a further part, unless it contradicts the rest. */
  const add = (text: string, apply: (note: Note) => Value) => {
    const next = apply(noteOn(text));
    const result = next === value ? experiment : checked(next);
    if (Array.isArray(result)) noteOn(text)(`left out: ${result[0]!.message}`);
    else [value, experiment] = [next, result];
  };
  const inTime = edits.toSorted((a, b) => a.atMs - b.atMs).filter(isInTime);
  const ofLoad = inTime.filter(isOfLoad);
  add(ofLoad.map(textOf).join(', ') || 'longer load', (note) => withLoad(value, longer, ofLoad, note));
  // Some may affect no variant of the sides.
  for (const list of ['faults', 'redrives'] as const)
    for (const part of partsIn(playable.value, list))
      add(`${list.slice(0, -1)} ${part.name ?? ''}`.trim(), () => withPart(value, list, part));
  for (const edit of inTime)
    add(textOf(edit), (note) =>
      'path' in edit ? withChange(value, names, edit, note) : withClick(value, edit),
    );
  return { value, names, experiment, notes: [...notes] };
}

/** Reports parts of an experiment that a page doesn't support. */
export const unplayable = (experiment: Experiment): LocatedProblem[] => [
  ...unsimulated(experiment),
  ...Object.entries(experiment.variants).flatMap(([name, { client }]) => {
    const pointer = `/variants/${escapePointer(name)}/client`;
    return client === undefined
      ? []
      : [{ pointer, message: 'expected none on a page, which runs no code of yours' }];
  }),
];

const checked = (value: Fields) => {
  const experiment = check(value);
  const problems = Array.isArray(experiment) ? experiment : unplayable(experiment);
  return problems.length > 0 ? problems : (experiment as Experiment);
};

/** Returns the file's experiment with the variants of the sides only, and without faults and redrives. */
function plain({ names: { A, B }, seed, playable: { value, name } }: Setting) {
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

function withLoad(value: Value, longer: readonly Phase[], clicks: readonly LoadClick[], note: Note): Value {
  const before = value.load as readonly Phase[];
  if (baseRate(before) === undefined && clicks.length > 0)
    note('left out: expected a constant or poisson load');
  const load = scaledLoad(longer, clicks);
  return load === before ? value : { ...value, load };
}

const partsIn = (value: Fields, list: 'faults' | 'redrives') => (value[list] ?? []) as readonly Fields[];

const withPart = (value: Value, list: 'faults' | 'redrives', part: Fields): Value => ({
  ...value,
  [list]: [...partsIn(value, list), part],
});

function withChange(value: Value, names: Played['names'], change: Change, note: Note): Value {
  const { side, path } = change;
  // The stream is made before the load.
  const atMs = path.startsWith('stream.') ? 0 : change.atMs;
  if (atMs < change.atMs) note('applies from the start');
  const variants = { ...value.variants };
  for (const name of (side ? [side] : sides).map((each) => names[each])) {
    const before = variants[name]!;
    const changed = withOption(variantAt(before, atMs), path, change.value, note);
    variants[name] = atMs > 0 ? changedAt(before, changed, atMs) : changed;
  }
  return { ...value, variants };
}

/** Returns a variant that gets the policies and the consumer of another one at a time. */
function changedAt(variant: VariantValue, { policies, consumer }: VariantValue, atMs: number): VariantValue {
  const before = (variant.changes ?? []).filter((each) => each.atMs !== atMs);
  return {
    ...variant,
    changes: [...before, { atMs, policies, ...(consumer !== undefined && { consumer }) }],
  };
}

function withClick(value: Value, click: Click): Value {
  const { kind, atMs } = click;
  if (kind === 'redrive') return withPart(value, 'redrives', { atMs });
  if (kind === 'load' || kind === 'spike') return value;
  const { fault } = usual[kind];
  const isOfProcess = kind === 'kill' || kind === 'pause';
  const isOfEvents = Object.values(value.variants).every(({ path }) => path === 'event');
  const taken = partsIn(value, 'faults').map(({ name }) => name);
  let name: string = kind;
  for (let count = 2; taken.includes(name); count++) name = `${kind}-${count}`;
  const target = isOfProcess && isOfEvents ? 'consumer' : 'downstream';
  return withPart(value, 'faults', { name, atMs, forMs: click.forMs, target, fault });
}
