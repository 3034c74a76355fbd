import { check } from '#lab/experiment/check.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import type { Phase } from '#load/phases.ts';
import { faultOf } from './fault-clicks.ts';
import { type VariantValue, withOption } from './options.ts';
import { isOfLoad, lengthened, scaledLoad } from './scaled-load.ts';
import { type Change, type Click, type Playable, type Setting, type Side, sides } from './setting.ts';

/** Experiment of a setting. */
export interface Played {
  readonly experiment: Experiment;
  /** The same experiment as a file has it, without defaults. */
  readonly value: Fields;
  /** Variants at the sides. They have different names. */
  readonly names: Readonly<Record<Side, string>>;
  /** Differences of the setting that are left out, or replaced by the nearest valid one. */
  readonly notes: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a file that a page leaves out: hypotheses are judged only for the experiment as it was written. */
const leftOut: readonly string[] = ['hypothesis', 'repeat', 'slowMotion', 'description'];

/** Returns the experiment of a setting. Leaves out a change or click that contradicts the rest. */
export function playedExperiment(setting: Setting, playable: Playable): Played {
  const notes: string[] = [];
  let draft = plain(setting, playable);
  let experiment = checked(draft.value);
  if (Array.isArray(experiment)) throw new Error(experiment.map(({ message }) => message).join('; '));
  const steps = [
    ...setting.changes.map((change) => (before: Draft) => withChange(before, change, notes)),
    (before: Draft) => withLoad(before, setting.clicks),
    ...setting.clicks.map((click) => (before: Draft) => withFault(before, click)),
  ];
  for (const step of steps) {
    const next = step(draft);
    if (next === draft) continue;
    const result = checked(next.value);
    if (Array.isArray(result)) notes.push(`left out: ${result[0]!.message}`);
    else [draft, experiment] = [next, result];
  }
  return { ...draft, experiment, notes };
}

interface Draft extends Pick<Played, 'names'> {
  readonly value: Fields & { readonly variants: Readonly<Record<string, VariantValue>> };
}

const checked = (value: Fields) => {
  const experiment = check(value);
  if (Array.isArray(experiment)) return experiment;
  const problems = unsimulated(experiment);
  return problems.length > 0 ? problems : experiment;
};

/** Returns the file's experiment with the variants of the sides only. */
function plain({ names: { A, B }, seed }: Setting, { value, name }: Playable): Draft {
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

function withChange(draft: Draft, { side, path, value }: Change, notes: string[]): Draft {
  const variants = { ...draft.value.variants };
  for (const each of side ? [side] : sides) {
    const name = draft.names[each];
    const changed = withOption(variants[name]!, path, value);
    if ('unknown' in changed) {
      notes.push(`unknown option ${changed.unknown}`);
      return draft;
    }
    if (changed.note !== undefined && !notes.includes(changed.note)) notes.push(changed.note);
    variants[name] = changed.variant;
  }
  return { ...draft, value: { ...draft.value, variants } };
}

function withLoad(draft: Draft, clicks: readonly Click[]): Draft {
  const before = draft.value.load as readonly Phase[];
  const load = scaledLoad(lengthened(before, clicks), clicks.filter(isOfLoad));
  if (load === before) return draft;
  return { ...draft, value: { ...draft.value, load } };
}

function withFault(draft: Draft, click: Click): Draft {
  if (isOfLoad(click)) return draft;
  const faults = (draft.value.faults ?? []) as readonly { readonly name: string }[];
  const paths = Object.values(draft.value.variants).map(({ path }) => path);
  const fault = faultOf(
    click,
    paths,
    faults.map(({ name }) => name),
  );
  return { ...draft, value: { ...draft.value, faults: [...faults, fault] } };
}
