import { measuredVariants, roundDeadlines } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, number, plural, points, range, share } from '#lab/text/format.ts';
import { type Conclusion, conclude, joined, listed, say, type Words } from './conclusion.ts';
import { curveDistance, goodputFloor, goodputOf, leadersOf } from './difference.ts';

/** Goodput from which the best variant at a deadline counts as leading. */
const leadMin = 0.1;

/** Says which variants are best at which deadlines, and how that changes with the deadline. */
export function winner(result: Result): Conclusion[] {
  const variants = measuredVariants(result);
  const reigns = variants.length < 2 ? [] : reignsOf(variants, roundDeadlines(result));
  if (reigns.every(([{ leaders }]) => leaders.length === variants.length)) return [];
  const shown = reigns.length > 4 ? [...reigns.slice(0, 3), ...reigns.slice(-1)] : reigns;
  const sentences = shown.map((reign, i) => sentenceOf(reign, shown[i - 1]?.[0].leaders, variants.length));
  const leaders = reigns.map(([first]) => first.leaders);
  const compared = deadlineList(reigns.flat().map(({ deadlineMs }) => deadlineMs));
  return conclude(
    'note',
    titleOf(leaders),
    say`${capitalised(joined(sentences, '; '))}. Compared deadlines: ${compared}.`,
  );
}

/** Formats deadlines: `100 ms, 1 s and 10 s`. */
const deadlineList = (deadlines: readonly number[]): string =>
  new Intl.ListFormat('en-GB').format(deadlines.map(duration));

type Lead = Readonly<{ deadlineMs: number; best: number; leaders: readonly VariantResult[] }>;

/** Consecutive deadlines at which the same variants lead. */
type Reign = [Lead, ...Lead[]];

function reignsOf(variants: readonly VariantResult[], deadlines: readonly number[]): Reign[] {
  const reigns: Reign[] = [];
  for (const deadlineMs of deadlines) {
    const best = Math.max(...variants.map((variant) => goodputOf(variant, deadlineMs)));
    if (best < leadMin) continue;
    const leaders = leadersOf(variants, deadlineMs);
    const last = reigns.at(-1);
    const isSame = last && isWithin(last[0].leaders, leaders) && isWithin(leaders, last[0].leaders);
    if (isSame) last.push({ deadlineMs, best, leaders });
    else reigns.push([{ deadlineMs, best, leaders }]);
  }
  return reigns;
}

const isWithin = (some: readonly VariantResult[], others: readonly VariantResult[]): boolean =>
  some.every((variant) => others.includes(variant));

function titleOf(leaders: readonly (readonly VariantResult[])[]): string {
  if (leaders.length === 1)
    return leaders[0]!.length === 1
      ? 'One variant leads at every compared deadline'
      : 'The same variants tie for the lead at every compared deadline';
  const changes = leaders.slice(1).map((after, i) => [leaders[i]!, after] as const);
  if (changes.every(([before, after]) => isWithin(before, after)))
    return 'Others catch up at longer deadlines';
  if (changes.every(([before, after]) => isWithin(after, before)))
    return 'Variants that tie at first differ at longer deadlines';
  return 'Who leads changes with the deadline';
}

function sentenceOf(reign: Reign, before: readonly VariantResult[] = [], of: number): Words {
  const [{ leaders, deadlineMs, best }, last] = [reign[0], reign.at(-1)!];
  const [first, until] = [duration(deadlineMs), duration(last.deadlineMs)];
  const when = first === until ? `with a deadline of ${first}` : `with deadlines from ${first} to ${until}`;
  const [from, to] = [share(best), share(last.best)];
  const rise = from === to ? from : `${from}, rising to ${to}`;
  const how = leaders.length > 1 ? `the best at ${rise}` : rise;
  const added = leaders.filter((leader) => !before.includes(leader));
  if (before.length > 0 && isWithin(before, leaders))
    return say`by ${first} ${listed(added)} ${inNumber(added.length, 'has', 'have')} caught up (${how})`;
  if (leaders.length === of) return say`${when} all tie (${how})`;
  return say`${when} ${listed(leaders)} ${inNumber(leaders.length, 'leads', 'tie for the lead')} (${how})`;
}

const capitalised = ([first, ...rest]: Words): Words =>
  typeof first === 'string' ? [first.charAt(0).toUpperCase() + first.slice(1), ...rest] : [first!, ...rest];

/** Finds variants that a caller can't tell apart, and compares what they cost downstream. */
export function same(result: Result): Conclusion[] {
  const deadlines = roundDeadlines(result);
  if (deadlines.length === 0) return [];
  return groupsOf(measuredVariants(result), deadlines).flatMap((group) => {
    const mixed = new Set(group.map((variant) => variant.path)).size > 1;
    const title = mixed ? 'RPC and events behave the same here' : 'No difference to the caller';
    return conclude('note', title, pointOf(group, deadlines));
  });
}

/** Groups variants. Each variant joins the first group whose members all have about its goodput. */
function groupsOf(variants: readonly VariantResult[], deadlines: readonly number[]): VariantResult[][] {
  const groups: VariantResult[][] = [];
  for (const variant of variants) {
    const alike = (other: VariantResult) => curveDistance(variant, other, deadlines) <= goodputFloor;
    const group = groups.find((members) => members.every(alike));
    if (group) group.push(variant);
    else groups.push([variant]);
  }
  return groups.filter((group) => group.length > 1);
}

function pointOf(group: readonly VariantResult[], deadlines: readonly number[]): Words {
  const distance = Math.max(...group.flatMap((a) => group.map((b) => curveDistance(a, b, deadlines))));
  const apart = distance < 0.001 ? 'less than 0.1 points' : `at most ${points(distance)}`;
  const when = `${inNumber(deadlines.length, 'a deadline', 'deadlines')} of ${deadlineList(deadlines)}`;
  const goodput = range(
    group.map((variant) => variant.goodput),
    share,
  );
  return say`The goodput of ${listed(group)} differs by ${apart} at ${when}. At the experiment's deadline it is ${goodput}.${priceOf(group)}${inCommonOf(group)}`;
}

/** Compares the attempts per request of variants with the same goodput. */
function priceOf(group: readonly VariantResult[]): Words {
  const byCost = [...group].sort((a, b) => b.amplification - a.amplification);
  const [most, least] = [byCost[0], byCost.at(-1)];
  if (!most || !least || most.amplification < 1.5 * least.amplification) return [];
  return say` But ${most} needs ${plural(most.amplification, 'attempt')} per request, ${least} ${number(least.amplification)}.`;
}

/** Names the peak of requests in flight if all variants share it, since it explains their equal goodput. */
function inCommonOf(group: readonly VariantResult[]): Words {
  const peaks = group.flatMap((variant) => variant.peakInFlight ?? []);
  const latencies = group.map((variant) => variant.latency?.p99Ms).filter((value) => value !== undefined);
  const [low, high] = [Math.min(...peaks), Math.max(...peaks)];
  if (peaks.length < group.length || high > 1.1 * low + 1 || group.some(({ goodput }) => goodput < 0.5))
    return [];
  const p99 = latencies.length === group.length ? `, with a p99 of ${range(latencies, duration)}` : '';
  return say` Each had at most ${range(peaks, number)} ${inNumber(high, 'attempt')} in flight at downstream${p99}.`;
}
