import { rowChart } from '#lab/report/chart/rows.ts';
import { linearScale, niceStep } from '#lab/report/chart/scale.ts';
import { html, type Part } from '#lab/report/html.ts';
import { keyOf, named } from '#lab/report/key.ts';
import { measuredVariants } from '#lab/result/facts.ts';
import type { PolicyResult, Result, VariantResult } from '#lab/result/result.ts';
import { count, plural, times } from '#lab/text/format.ts';
import { type Section, table, under, warning } from './section.ts';

export function amplificationSection(result: Result): Section | null {
  const variants = measuredVariants(result);
  if (variants.length === 0) return null;
  const max = Math.max(1, ...variants.map((variant) => variant.amplification)) * 1.05;
  const x = linearScale(max);
  const step = niceStep(max, 5);
  const stops = Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
  return {
    lead: 'Calls to the dependency per request. Dashed line: 1, no retries. Above it: retries. Below it: requests refused without a call. The ledger shows how many calls downstream received.',
    body: [
      rowChart(
        variants.map((variant) => ({
          head: named(result, variant),
          marks: html`<rect class="bar ${keyOf(result.variants.indexOf(variant)).colour}" x="0" y="6" height="16" width="${x(variant.amplification)}%"/>`,
          label: `${variant.name}: ${plural(variant.amplification, 'attempt')} per request`,
          value: html`<strong>${times(variant.amplification)}</strong><span class="spare"> · ${plural(variant.attempts, 'attempt')}</span>`,
        })),
        stops.map((value) => ({ at: x(value), text: times(value) })),
        x(1),
      ),
      refusals(variants),
    ],
  };
}

/** Counts the refused retries, by variant and policy. */
function refusals(variants: readonly VariantResult[]): Part {
  const refused = variants.flatMap(({ name, refusedRetries = {} }) =>
    Object.entries(refusedRetries).map(([policy, n]) => `${count(n)} by the ${policy} of ${name}`),
  );
  return (
    refused.length > 0 &&
    html`<p class="footnote">Retries refused after a failed attempt: ${refused.join(', ')}. Such a call keeps the outcome of its last attempt; an event is tried again.</p>`
  );
}

export function policiesSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    under(
      named(result, variant),
      (variant.policies ?? []).map((policy) => [
        policy.policy,
        policy.note === '' ? actionsOf(policy) : warning(actionsOf(policy)),
      ]),
    ),
  );
  if (rows.length === 0) return null;
  return {
    lead: 'How often each policy acted, outermost first. A policy that never acted changed nothing. Exception: a deadline is also sent to downstream, which may act on it.',
    body: table({ caption: 'What each policy did', head: ['Variant', 'Policy', 'Did'], rows }),
  };
}

/** Formats the actions of a policy: `opened 3, refused 1,664`, or `never acted: …`. */
export function actionsOf({ acted, note }: PolicyResult): string {
  const actions = Object.entries(acted)
    .filter(([, times]) => times > 0)
    .map(([action, times]) => `${action.replace('-', ' ')}\u00a0${count(times)}`);
  if (actions.length > 0) return actions.join(', ');
  return note === '' ? 'never acted' : `never acted: ${note}`;
}
