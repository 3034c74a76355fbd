import { type Html, html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import type { RedriveResult, Result } from '#lab/result/result.ts';
import { count, duration, none } from '#lab/text/format.ts';
import { hops } from '#lab/topology/hops.ts';
import { type Section, table, verdictMark } from './section.ts';

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
    lead: html`Faults that the lab injected and cleared. Times count from the first scheduled time. A fault begins when its target is affected, and ends when the target works again. Affected attempts are those that it changed, as counted by downstream.${detour(result)}`,
    body: table({
      caption: 'Faults: requested and actual times',
      head: ['Fault', 'What', 'Target', 'Asked', 'Variant', 'Began at', 'Cleared at', 'Affected attempts'],
      rows,
    }),
  };
}

const after = (atMs: number, askedMs: number): string =>
  `${duration(atMs)} (${duration(Math.max(0, atMs - askedMs))} late)`;

/** An arrow that no line breaks within. */
const unbroken = (target: string): Html => html`<span class="unbroken">${target}</span>`;

/** Names the hops with a proxy, which costs a little time in every variant, with or without an active fault. */
function detour({ variants }: Result): Part {
  const targets = variants.flatMap(({ faults = [] }) => faults.map(({ target }) => target));
  const on = hops.filter((hop) => targets.includes(hop));
  if (on.length === 0) return null;
  const over = on.map((hop, i) => [i > 0 && ', ', unbroken(hop)]);
  return html` All traffic on ${over} passed through a proxy in every variant, which adds a little latency.`;
}

export function redrivesSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.redrives ?? []).map((redrive) => [
      duration(redrive.atMs),
      `${count(redrive.ratePerSecond)} a second`,
      named(result, variant),
      redrive.took ? `${duration(redrive.took.fromMs)} – ${duration(redrive.took.untilMs)}` : none,
      count(redrive.redriven),
      count(redrive.left),
      noteOn(redrive),
    ]),
  );
  if (rows.length === 0) return null;
  return {
    lead: 'Dead letters that were sent to the work stream again. Times count from the first scheduled time. A redriven event counts by its final outcome: late, in time, or dead again.',
    body: table({
      caption: 'Redrives: requested and actual',
      head: ['Asked at', 'At most', 'Variant', 'Took', 'Redriven', 'Left', 'Note'],
      rows,
    }),
  };
}

/** Says what failed, or that there was nothing to redrive, for example after a misspelt reason. */
function noteOn({ took, redriven, left, failure }: RedriveResult) {
  if (failure !== null) return verdictMark(false, failure);
  return took && redriven + left === 0 ? 'found no matching dead letter' : '';
}
