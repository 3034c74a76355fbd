import { type Html, html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import type { Result } from '#lab/result/result.ts';
import { count, duration, none } from '#lab/text/format.ts';
import { hops } from '#lab/topology/hops.ts';
import { type Section, table, verdictMark } from './section.ts';

/** What the lab broke and mended, and when. */
export function faultsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.faults ?? []).map(({ name, done, target, asked, took, affected }) => [
      name,
      done,
      unbroken(target),
      `${duration(asked.fromMs)} – ${duration(asked.untilMs)}`,
      named(result, variant),
      took ? after(took.fromMs, asked.fromMs) : verdictMark(false, 'never'),
      took ? after(took.untilMs, asked.untilMs) : none,
      typeof affected === 'number' ? count(affected) : none,
    ]),
  );
  if (rows.length === 0) return null;
  return {
    id: 'faults',
    short: 'Faults',
    title: 'Faults',
    lead: html`What the lab broke and mended, in time since the first due time. A fault took when its target was broken, and was gone when its target could do its work again. Attempts struck are those of which it made something else, as downstream counts them.${detour(result)}`,
    body: table({
      caption: 'Faults as they were asked for, and as they came',
      of: 'texts',
      head: ['Fault', 'What', 'Target', 'Asked', 'Variant', 'Took at', 'Gone at', 'Attempts struck'],
      rows,
    }),
  };
}

const after = (atMs: number, askedMs: number): string =>
  `${duration(atMs)} (${duration(Math.max(0, atMs - askedMs))} late)`;

/** An arrow that no line breaks within. */
const unbroken = (target: string): Html => html`<span class="unbroken">${target}</span>`;

/** The proxy costs a little time itself, in every variant and also while nothing is harmed. */
function detour({ variants }: Result): Part {
  const targets = variants.flatMap(({ faults = [] }) => faults.map(({ target }) => target));
  const on = hops.filter((hop) => targets.includes(hop));
  if (on.length === 0) return null;
  const over = on.map((hop, i) => [i > 0 && ', ', unbroken(hop)]);
  return html` Whatever went over ${over} passed a proxy from beginning to end, in every variant, which takes a little time by itself.`;
}
