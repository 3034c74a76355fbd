import { outcomes } from '#kit/wire.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { count, inNumber, plural } from '#lab/text/format.ts';
import { type Section, table, verdictMark } from './section.ts';

export function ledgerSection(result: Result): Section | null {
  const { variants } = result;
  if (variants.length === 0) return null;
  const balanced = variants.filter(({ ledger }) => ledger.balanced).length;
  return {
    lead: `Every request offered must end in exactly one outcome, and generator, services and downstream must agree on the counts. ${balanced} of ${plural(variants.length, 'ledger')} ${inNumber(balanced, 'balances', 'balance')}.`,
    body: variants.map(
      (
        variant,
      ) => html`<details class="ledger"${variant.ledger.balanced ? null : html` open`}><summary>${named(result, variant)} ${verdictMark(variant.ledger.balanced, variant.ledger.balanced ? 'balanced' : 'not balanced')} <span class="equation">${equation(variant)}</span></summary>
${table({
  caption: `Witnesses of ${variant.name}`,
  head: ['Check', 'Witnesses', 'Agreement', 'Note'],
  rows: variant.ledger.checks.map(({ name, ok, witnesses, note }) => [
    name,
    Object.entries(witnesses).map(
      ([witness, value], i) => html`${i > 0 && ' · '}${witness} <strong>${count(value)}</strong>`,
    ),
    verdictMark(ok, ok ? 'agree' : 'differ'),
    note,
  ]),
})}</details>
`,
    ),
  };
}

/** Formats `2,000 offered = 1,490 ok + 500 late + 10 failed`, and other counts. */
function equation(variant: VariantResult): Part {
  const parts = outcomes.filter((outcome) => variant.outcomes[outcome] > 0);
  const beside = [
    variant.recovered > 0 && `${count(variant.recovered)} recovered by the audit`,
    variant.lost > 0 && `${count(variant.lost)} lost`,
    variant.effects.duplicates > 0 && `${count(variant.effects.duplicates)} duplicated`,
  ].filter((text) => text !== false);
  return `${count(variant.offered)} offered = ${parts.map((o) => `${count(variant.outcomes[o])} ${o}`).join(' + ') || '0'}${beside.length > 0 ? `; beside: ${beside.join(', ')}` : ''}`;
}
