import { measuredVariants, roundDeadlines } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, share } from '#lab/text/format.ts';
import { type Conclusion, conclude, joined, listed, say, type Words } from './conclusion.ts';
import { goodputOf, isAhead, lead, leadersOf } from './difference.ts';

/** Goodput below which no variant leads. */
const leadMin = 0.1;

/** Deadlines in a row at which the same variants lead, with the best goodput at the first and the last. */
interface Reign {
  readonly leaders: readonly VariantResult[];
  readonly fromMs: number;
  untilMs: number;
  readonly goodputFrom: number;
  goodputUntil: number;
}

/** Says who is best at which deadline, and where that changes. */
export function winner(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const reigns = variants.length < 2 ? [] : reignsOf(variants, roundDeadlines(result));
  if (reigns.every(({ leaders }) => leaders.length === variants.length)) return [];
  // With many changes the last one tells more than those in the middle.
  const shown = reigns.length > 4 ? [...reigns.slice(0, 3), ...reigns.slice(-1)] : reigns;
  const sentences = shown.map((reign, i) => sentenceOf(reign, shown[i - 1]?.leaders ?? [], variants.length));
  return conclude('note', titleOf(reigns), say`${capitalised(joined(sentences, '; '))}.`);
}

function reignsOf(variants: readonly VariantResult[], deadlines: readonly number[]): Reign[] {
  const reigns: Reign[] = [];
  for (const deadline of deadlines) {
    const best = Math.max(...variants.map((variant) => goodputOf(variant, deadline)));
    if (best < leadMin) continue;
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

function titleOf([first, ...later]: readonly Reign[]): string {
  const isWithin = (some: Reign, others: Reign) =>
    some.leaders.every((leader) => others.leaders.includes(leader));
  if (later.length === 0)
    return first?.leaders.length === 1
      ? 'One variant leads at every deadline'
      : 'The same variants tie for the lead at every deadline';
  const changes = later.map((reign, i) => [later[i - 1] ?? first!, reign] as const);
  if (changes.every(([before, reign]) => isWithin(before, reign)))
    return 'Others catch up at longer deadlines';
  if (changes.every(([before, reign]) => isWithin(reign, before)))
    return 'Variants that tie at first differ at longer deadlines';
  return 'Who leads changes with the deadline';
}

function sentenceOf({ leaders, ...reign }: Reign, before: readonly VariantResult[], of: number): Words {
  const [first, last] = [duration(reign.fromMs), duration(reign.untilMs)];
  const when = reign.fromMs === reign.untilMs ? `at ${first}` : `from ${first} to ${last}`;
  const [from, until] = [share(reign.goodputFrom), share(reign.goodputUntil)];
  const how = from === until ? from : `${from}, rising to ${until}`;
  const added = leaders.filter((leader) => !before.includes(leader));
  if (before.length > 0 && before.every((leader) => leaders.includes(leader)))
    return say`by ${first} ${listed(added)} ${inNumber(added.length, 'has', 'have')} caught up (the best at ${how})`;
  if (leaders.length === of) return say`${when} all tie (${how})`;
  return say`${when} ${listed(leaders)} ${inNumber(leaders.length, 'leads', 'tie for the lead')} (${how})`;
}

const capitalised = ([first, ...rest]: Words): Words =>
  typeof first === 'string' ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest] : [first!, ...rest];

const same = (a: readonly VariantResult[], b: readonly VariantResult[]): boolean =>
  a.length === b.length && a.every((variant) => b.includes(variant));

/** Finds the pair of variants whose order is most clearly reversed as the deadline grows. */
export function crossing(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const deadlines = roundDeadlines(result);
  const all = variants.flatMap((a) => variants.flatMap((b) => crossingOf(a, b, deadlines)));
  const [clearest] = all.toSorted((a, b) => b.least - a.least);
  if (!clearest) return [];
  const { early, late, at, from } = clearest;
  const value = (variant: VariantResult, deadline: number) => share(goodputOf(variant, deadline));
  return conclude(
    'note',
    'Which variant is better depends on the deadline',
    say`At ${duration(at)} ${early} is ahead of ${late} (${value(early, at)} against ${value(late, at)}); at ${duration(from)} it is behind (${value(early, from)} against ${value(late, from)}).`,
  );
}

/** Returns the deadlines of the clearest lead of `early`, and after it of `late`, and the smaller of the two leads. */
function crossingOf(early: VariantResult, late: VariantResult, deadlines: readonly number[]) {
  const by = (deadline: number) => lead(early, late, deadline);
  const [at = Infinity] = deadlines.toSorted((a, b) => by(b) - by(a));
  const [from] = deadlines.filter((deadline) => deadline > at).sort((a, b) => by(a) - by(b));
  if (from === undefined || !isAhead(early, late, at) || !isAhead(late, early, from)) return [];
  return [{ early, late, at, from, least: Math.min(by(at), -by(from)) }];
}
