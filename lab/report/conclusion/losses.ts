import { completedShare, endlessShare, measuredVariants, peak, shareOf } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { count, duration, inNumber, number, plural, range, share } from '#lab/text/format.ts';
import { type Conclusion, listed, say, type Words } from './conclusion.ts';
import { isLonger } from './difference.ts';

/** Variants whose trouble is being late, not losing: more patience would get it all. */
export function late(result: Result): Conclusion[] {
  const tardy = measuredVariants(result).filter((variant) => shareOf(variant, 'late') >= 0.05);
  if (tardy.length === 0) return [];
  const within = duration(result.experiment.deadlineMs);
  return [
    {
      rule: 'late',
      tone: 'note',
      title: 'Late rather than never',
      points: tardy.map((v) => patience(v, within)),
    },
  ];
}

function patience(variant: VariantResult, within: string): Words {
  const done = completedShare(variant);
  const never = shareOf(variant, 'failed', 'timeout', 'rejected', 'dropped', 'dead', 'unsent');
  const open = endlessShare(variant);
  const rest = [
    never > 0 ? `; ${share(never)} never completes` : '',
    open > 0 ? `; ${share(open)} had come to no end when the run did` : '',
  ].join('');
  const enough = variant.goodputByDeadline.find(({ goodput }) => goodput >= done - 0.01);
  const wait = enough
    ? `; a deadline of ${duration(enough.deadlineMs)} would get ${share(enough.goodput)}`
    : '';
  return say`${variant} completes ${share(done)}, but ${share(shareOf(variant, 'late'))} after the deadline of ${within}${rest}${wait}.`;
}

/** Events that were accepted and are nowhere, and requests whose fate nobody knows. */
export function lost(result: Result): Conclusion[] {
  const points = measuredVariants(result).flatMap((variant): Words[] => [
    ...(variant.lost > 0
      ? [
          say`${variant} accepted ${plural(variant.lost, 'event')} that ${inNumber(variant.lost, 'is', 'are')} found nowhere.`,
        ]
      : []),
    ...(variant.outcomes.unknown > 0
      ? [
          say`The fate of ${plural(variant.outcomes.unknown, 'request')} of ${variant} is unknown: no answer or news told the end.`,
        ]
      : []),
  ]);
  if (points.length === 0) return [];
  const gone = result.variants.some((variant) => variant.lost > 0);
  return [
    { rule: 'lost', tone: 'bad', title: gone ? 'Accepted work was lost' : 'Some fates are unknown', points },
  ];
}

/** Work that downstream did twice, or for nobody. */
export function waste(result: Result): Conclusion[] {
  const points = measuredVariants(result).flatMap((variant): Words[] => {
    const { distinct, duplicates, wasted } = variant.effects;
    const all = distinct + duplicates;
    return [
      ...(wasted > 0 && wasted >= 0.02 * all
        ? [
            say`${share(wasted / all)} of what downstream did for ${variant} (${count(wasted)} of ${plural(all, 'effect')}) was for callers that had given up.`,
          ]
        : []),
      ...(duplicates > 0
        ? [say`${variant} had ${plural(duplicates, 'effect')} beyond the first of a request.`]
        : []),
    ];
  });
  return points.length === 0 ? [] : [{ rule: 'waste', tone: 'bad', title: 'Work for nothing', points }];
}

/** A good-looking latency that covers only the few requests that got through. */
export function survivors(result: Result): Conclusion[] {
  const timed = measuredVariants(result).filter((variant) => variant.latency !== null);
  const [fastest] = [...timed].sort((a, b) => (a.latency?.p50Ms ?? 0) - (b.latency?.p50Ms ?? 0));
  const most = timed.reduce<VariantResult | null>(
    (a, b) => (a && completedShare(a) >= completedShare(b) ? a : b),
    null,
  );
  if (!fastest || !most) return [];
  const median = ({ latency }: VariantResult) => latency?.p50Ms ?? 0;
  const fast = timed.filter((variant) => !isLonger(median(variant), median(fastest)));
  const got = Math.max(...fast.map(completedShare));
  if (completedShare(most) - got < 0.3) return [];
  const medians = range(fast.map(median), duration);
  return [
    {
      rule: 'survivors',
      tone: 'note',
      title: 'The best latency is a mirage',
      points: [
        say`${listed(fast)} ${inNumber(fast.length, 'has', 'have')} the lowest median (${medians}) because only ${range(fast.map(completedShare), share)} of the requests got through; ${most} completes ${share(completedShare(most))}, with a median of ${duration(most.latency?.p50Ms ?? null)}. Latency counts only what was completed.`,
      ],
    },
  ];
}

/** Queues that grew while the caller was told that all is well. */
export function backlog(result: Result): Conclusion[] {
  const hidden = measuredVariants(result).filter(
    (variant) => variant.path === 'event' && (peak(variant, 'backlog') ?? 0) >= 0.1 * variant.offered,
  );
  if (hidden.length === 0) return [];
  const refused = hidden.filter((variant) => variant.outcomes.dropped > 0);
  const isSure = hidden.every(({ outcomes }) => outcomes.unsent === 0 && outcomes.unknown === 0);
  const none = isSure ? 'Every event was accepted' : 'Nobody was told of a refusal';
  const accepted = refused.length === 0 ? none : say`${listed(refused)} refused some events`;
  return [
    {
      rule: 'backlog',
      tone: 'note',
      title: 'The wait hides in the queue',
      points: [
        say`${accepted}, and the load became a backlog: ${hidden.flatMap((v, i) => say`${i > 0 ? ', ' : ''}${v} up to ${number(peak(v, 'backlog'))}${drained(v)}`)}.`,
      ],
    },
  ];
}

/** How long the backlog outlived the load, or what the run left of it. */
function drained({ series, outcomes: { pending } }: VariantResult): string {
  if (pending > 0) return ` (${number(pending)} ${inNumber(pending, 'was', 'were')} left when the run ended)`;
  const lastAbove = (column: readonly (number | null)[]) =>
    series.tMs[column.findLastIndex((value) => (value ?? 0) > 0)];
  const [loadEnd, backlogEnd] = [lastAbove(series.offered), lastAbove(series.backlog)];
  if (loadEnd === undefined || backlogEnd === undefined || backlogEnd <= loadEnd) return '';
  return ` (empty ${duration(backlogEnd - loadEnd)} after the last request was due)`;
}
