import { outcomes } from '#kit/wire.ts';
import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { stallLines } from '#lab/judge/figures/stall-text.ts';
import { saturated } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { count, duration, inNumber, none, number, plural } from '#lab/kit/text/format.ts';
import { html, named, type Part } from '#lab/show/html.ts';
import { describeCheck } from '#lab/show/verdict.ts';
import { type Section, table, verdictMark, warning } from './section.ts';

export function validitySection(result: Result): Section | null {
  const { validity, variants } = result;
  if (validity.length === 0 && variants.length === 0) return null;
  const failing = validity.filter((check) => !check.ok);
  const ofWorst = result.rounds ? ' Each check has the figure of its worst round.' : '';
  return {
    lead:
      failing.length === 0
        ? `Every check of the measurement itself passed.${ofWorst}`
        : `Where a check failed, the measurement is invalid: don’t trust the figures of that variant.${ofWorst}`,
    body: [
      failing.length > 0 &&
        html`<ul class="failing">${failing.map((check) => html`<li>${verdictMark(false, describeCheck(check))}</li>`)}</ul>`,
      validity.length > 0 && checks(result),
      stalls(result),
      variants.length > 0 && !result.rounds && processes(result),
      !result.rounds && clocks(result),
    ],
  };
}

function checks(result: Result): Part {
  const names = [...new Set(result.validity.map((check) => check.name))];
  const byVariant = [...Map.groupBy(result.validity, ({ variant }) => variant)];
  return table({
    caption: 'Validity checks: measured and limit',
    of: 'numbers',
    head: ['Variant', ...names],
    rows: byVariant.map(([variantName, checks]) => {
      const variant = result.variants.find(({ name }) => name === variantName);
      return [
        variant ? named(result, variant) : variantName,
        ...names.map((name): Part => {
          const check = checks.find((each) => each.name === name);
          if (!check) return none;
          const { measured, limit, unit } = check;
          const [shown, bound] =
            unit === 'ms'
              ? [duration(measured), duration(limit)]
              : [plural(measured, unit.replace(/s$/, '')), number(limit)];
          return html`${verdictMark(check.ok, shown)} <small>≤ ${bound}</small>`;
        }),
      ];
    }),
  });
}

function stalls(result: Result): Part {
  const lines = result.variants.flatMap((variant) =>
    stallLines(result, variant).map((line) => html`<li>${named(result, variant)}: ${line}</li>`),
  );
  return lines.length > 0 && html`<ul class="stalls">${lines}</ul>`;
}

function processes(result: Result): Part {
  const { variants, simulated } = result;
  const names = [...new Set(variants.flatMap((variant) => variant.self.processes.map(({ name }) => name)))];
  return [
    simulated
      ? html`<p class="footnote">In virtual time no machine delays anything. So send lag, sleep excess, event-loop delays and CPU are left out.</p>`
      : table({
          caption:
            'Send lag and sleep excess (p50 · p99); event-loop delay (p99) and CPU of each process. For the generator, the delay is its send lag.',
          of: 'numbers',
          head: ['Variant', 'send lag', 'sleep excess', ...names],
          rows: variants.map((variant) => [
            named(result, variant),
            ...[variant.self.lag, variant.self.sleepExcess].map((each) =>
              each ? `${duration(each.p50Ms)} · ${duration(each.p99Ms)}` : none,
            ),
            ...names.map((name) => processFigures(variant, name)),
          ]),
        }),
    variants.some((variant) => saturated(variant).length > 0) &&
      html`<p class="footnote">A saturated system under test is a finding about the system, not an error of the measurement.</p>`,
    variants.some(({ self }) => self.processes.some(({ restarted }) => restarted)) &&
      html`<p class="footnote">The figures lack the last counts of restarted processes, including attempts and retries.</p>`,
  ];
}

function clocks({ variants }: Result): Part {
  const errorsMs = variants.flatMap(({ self }) => self.comparedWithinMs ?? []);
  return (
    errorsMs.length > 0 &&
    html`<p class="footnote">The times of effects and requests are compared to ${duration(Math.max(...errorsMs))}.</p>`
  );
}

function processFigures(variant: VariantResult, name: string): Part {
  const process = variant.self.processes.find((each) => each.name === name);
  if (!process) return none;
  return html`${process.loopDelayP99Ms !== null && html`${duration(process.loopDelayP99Ms)} `}<small>${duration(process.cpuMs)} CPU</small>${saturated(variant).includes(process) && html`<br>${warning('saturated')}`}${process.restarted && html`<br>${warning('restarted')}`}`;
}

export function ledgerSection(result: Result): Section | null {
  const { variants, rounds } = result;
  // Means don't balance. The report of each round has its ledgers.
  if (variants.length === 0 || rounds) return null;
  const balanced = variants.filter(({ ledger }) => ledger.balanced).length;
  return {
    isOpen: balanced < variants.length,
    lead: `Every request offered must end in exactly one outcome, and generator, services and downstream must agree on the counts. ${balanced} of ${plural(variants.length, 'ledger')} ${inNumber(balanced, 'balances', 'balance')}.`,
    body: variants.map(
      (
        variant,
      ) => html`<details class="ledger"${variant.ledger.balanced ? null : html` open`}><summary>${named(result, variant)} ${verdictMark(variant.ledger.balanced, variant.ledger.balanced ? 'balanced' : 'not balanced')} <span class="equation">${equation(result, variant.name)}</span></summary>
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

/** Formats the ledger as `2,000 offered = 1,490 ok + 500 late + 10 failed`, followed by other counts. */
function equation(result: Result, name: string): Part {
  const shown = (metric: MetricName, words: string) => {
    const value = valueIn(result, name, metric);
    return value ? [`${count(value)} ${words}`] : [];
  };
  const parts = outcomes.flatMap((outcome) => shown(outcome, outcome));
  const beside = [
    ...shown('audited', 'recovered by the audit'),
    ...shown('lost', 'lost'),
    ...shown('duplicates', 'duplicated'),
  ];
  return `${count(valueIn(result, name, 'offered') ?? 0)} offered = ${parts.join(' + ') || '0'}${beside.length > 0 ? `; beside: ${beside.join(', ')}` : ''}`;
}
