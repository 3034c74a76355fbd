import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureName, figureShown } from '#lab/experiment/metrics/shown.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { type Compared, comparedIn } from '#lab/judge/simulations.ts';
import { duration, inNumber, interval, none, number, plural } from '#lab/kit/text/format.ts';
import { html, named, type Part } from '#lab/show/html.ts';
import { simulatedAgreement } from '#lab/show/verdict.ts';
import { type Section, table } from './section.ts';

/** Shows the simulations of an experiment beside its measurement; null if there are none. */
export function simulationsSection(result: Result): Section | null {
  const { simulations } = result;
  if (!simulations) return null;
  const { reason, seeds, variants } = simulations;
  if (reason !== undefined) return { lead: reason, body: null };
  return {
    lead: `After the run the experiment was simulated with ${plural(seeds.length, 'seed')}: ideal, and with the time that each hop added to a call. ${agreement(result, simulations)}`,
    body: [
      table({
        caption:
          'Simulated and measured: means, and below them the interval in which 95 % of measurements lie',
        of: 'numbers',
        head: ['Variant', 'Figure', 'Ideal', 'With overhead', 'Measured', 'Verdict'],
        rows: variants.flatMap((variant) =>
          comparedIn(result, variant.name).map((figure, index) => [
            index === 0 ? headOf(result, variant) : null,
            brokenAtSlash(figureName(figure.metric)),
            column(figure.ideal),
            column(figure.withOverhead),
            figureShown(figure.metric, figure.measured),
            verdicts[figure.verdict],
          ]),
        ),
      }),
      html`<p class="footnote">Agrees: within the interval, or within 5 points of goodput, 10 % of the attempts or 15 % of a percentile. Percentiles are judged only with at least 1,000 completed requests.</p>`,
    ],
  };
}

type Simulations = NonNullable<Result['simulations']>;
type Variant = Simulations['variants'][number];

const verdicts: Readonly<Record<Compared['verdict'], string>> = {
  agrees: '= agrees',
  explained: '≈ explained by the overhead',
  differs: '≠ differs',
  unjudged: none,
};

/** Keeps the column narrow on a phone. */
const brokenAtSlash = (name: string): Part =>
  name.split(' / ').map((part, index) => (index === 0 ? part : html`<br>/ ${part}`));

function headOf(result: Result, variant: Variant): Part {
  const { overhead } = variant;
  const hops = overhead
    ? Object.entries(overhead)
        .map(([hop, ms]) => `${hop.replace(/Ms$/, '')} ${duration(ms)}`)
        .join(', ')
    : 'overhead unknown';
  return html`${named(result, variant)}<br><small>${hops}</small>`;
}

function column(simulated: Figure | undefined): Part {
  if (!simulated) return none;
  const { metric, value, low, high } = simulated;
  const format = (value: number) => figureShown(metric, value);
  return html`${figureShown(metric, value)}<br><small>${interval({ low: low!, high: high! }, format)}</small>`;
}

function agreement(result: Result, { acquitted }: Simulations): string {
  const { agreeing, judged, explained } = simulatedAgreement(result);
  const effect = acquitted
    ? `With the stalls of the run, each twice as long, no verdict changed on ${acquitted.join('; ')}. So these were judged.`
    : 'The verdict does not depend on this.';
  const differences = explained === 0 ? '' : ` The overhead explains ${plural(explained, 'difference')}.`;
  return `${number(agreeing)} of ${plural(judged, 'variant')} ${inNumber(agreeing, 'agrees', 'agree')} with the simulation with overhead.${differences} ${effect}`;
}
