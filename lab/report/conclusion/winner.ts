import { measuredVariants, roundDeadlines } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, share } from '#lab/text/format.ts';
import { type Conclusion, listed, say, type Words } from './conclusion.ts';
import { goodputOf, leadersOf } from './difference.ts';

/** Below this goodput nobody leads. */
const nothing = 0.1;

/** Deadlines in a row at which the same variants lead. */
interface Reign {
  readonly leaders: readonly VariantResult[];
  readonly fromMs: number;
  untilMs: number;
  readonly goodputFrom: number;
  goodputUntil: number;
}

/** Who is best at which deadline, and where that changes. */
export function winner(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const reigns = reignsOf(variants, result);
  if (reigns.length === 0 || reigns.every(({ leaders }) => leaders.length === variants.length)) return [];
  return [
    { rule: 'winner', tone: 'note', title: titleOf(reigns), points: [pointOf(reigns, variants.length)] },
  ];
}

function reignsOf(variants: readonly VariantResult[], result: Result): Reign[] {
  const reigns: Reign[] = [];
  if (variants.length < 2) return reigns;
  for (const deadline of roundDeadlines(result)) {
    const best = Math.max(...variants.map((variant) => goodputOf(variant, deadline)));
    if (best < nothing) continue;
    const leaders = leadersOf(variants, deadline);
    const last = reigns.at(-1);
    if (last && same(last.leaders, leaders)) {
      last.untilMs = deadline;
      last.goodputUntil = best;
    } else {
      reigns.push({ leaders, fromMs: deadline, untilMs: deadline, goodputFrom: best, goodputUntil: best });
    }
  }
  return reigns;
}

function titleOf(reigns: readonly Reign[]): string {
  const [first, ...later] = reigns;
  if (!first || later.length === 0)
    return first?.leaders.length === 1
      ? 'One variant leads at every deadline'
      : 'The same variants tie for the lead at every deadline';
  const isAmong = (some: Reign, those: Reign) =>
    some.leaders.every((leader) => those.leaders.includes(leader));
  if (later.every((reign, i) => isAmong(reigns[i]!, reign))) return 'Patience lets others catch up';
  if (later.every((reign, i) => isAmong(reign, reigns[i]!)))
    return 'Patience parts those who are level at first';
  return 'Who leads changes with the deadline';
}

function pointOf(reigns: readonly Reign[], of: number): Words {
  const shown = reigns.length > 4 ? [...reigns.slice(0, 3), ...reigns.slice(-1)] : reigns;
  const sentences = shown.map((reign, i): Words => {
    const before = shown[i - 1]?.leaders ?? [];
    const joined = reign.leaders.filter((leader) => !before.includes(leader));
    const grows = before.length > 0 && before.every((leader) => reign.leaders.includes(leader));
    const when =
      reign.fromMs === reign.untilMs
        ? `at ${duration(reign.fromMs)}`
        : `from ${duration(reign.fromMs)} to ${duration(reign.untilMs)}`;
    const rises = share(reign.goodputFrom) !== share(reign.goodputUntil);
    const how = rises
      ? `${share(reign.goodputFrom)}, rising to ${share(reign.goodputUntil)}`
      : share(reign.goodputFrom);
    if (grows)
      return say`by ${duration(reign.fromMs)} ${listed(joined)} ${inNumber(joined.length, 'has', 'have')} caught up (${how})`;
    if (reign.leaders.length === of) return say`${when} all are level (${how})`;
    return say`${when} ${listed(reign.leaders)} ${inNumber(reign.leaders.length, 'leads', 'tie for the lead')} (${how})`;
  });
  return capitalised([...sentences.flatMap((words, i) => (i === 0 ? words : ['; ', ...words])), '.']);
}

const capitalised = ([first, ...rest]: Words): Words =>
  typeof first === 'string'
    ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest]
    : first
      ? [first, ...rest]
      : rest;

const same = (a: readonly VariantResult[], b: readonly VariantResult[]): boolean =>
  a.length === b.length && a.every((variant) => b.includes(variant));
