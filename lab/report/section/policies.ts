import { named } from '#lab/report/key.ts';
import type { PolicyResult, Result } from '#lab/result/result.ts';
import { count } from '#lab/text/format.ts';
import { type Section, table, under, warning } from './section.ts';

/** Section that counts the actions of each policy, and marks policies that never acted. */
export function policiesSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    under(
      named(result, variant),
      (variant.policies ?? []).map((policy) => [
        policy.policy,
        policy.note === '' ? deedsOf(policy) : warning(deedsOf(policy)),
      ]),
    ),
  );
  if (rows.length === 0) return null;
  return {
    id: 'policies',
    short: 'Policies',
    title: 'What the policies did',
    lead: 'How often each policy acted, outermost first. A policy that never acted changed nothing; a deadline is also sent to downstream, which may act on it.',
    body: table({ caption: 'What each policy did', of: 'texts', head: ['Variant', 'Policy', 'Did'], rows }),
  };
}

/** Formats the actions of a policy: `opened 3, refused 1,664`, or `never acted: …`. */
export function deedsOf({ acted, note }: PolicyResult): string {
  const deeds = Object.entries(acted)
    .filter(([, times]) => times > 0)
    .map(([action, times]) => `${action.replace('-', ' ')}\u00a0${count(times)}`);
  if (deeds.length > 0) return deeds.join(', ');
  return note === '' ? 'never acted' : `never acted: ${note}`;
}
