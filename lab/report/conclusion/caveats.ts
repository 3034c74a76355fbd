import { faultsMet, isBlank, type Met, measuredVariants, saturated } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, inNumber, plural } from '#lab/text/format.ts';
import { type Conclusion, conclude, joined, listed, say, type Words } from './conclusion.ts';

/** Says how far the other conclusions can be trusted after an invalid measurement or an early end. */
export function caution(result: Result): Conclusion[] {
  const { status, validity } = result;
  if (status === 'invalid') {
    const failing = new Set(validity.filter(({ ok }) => !ok).map(({ name }) => name));
    const names = failing.size > 0 ? ` (${[...failing].join(', ')})` : '';
    return conclude(
      'bad',
      'The measurement is invalid: treat the rest as a hint',
      say`Validity checks failed${names}, so the testbed may have caused what follows.`,
    );
  }
  if (status !== 'error' && status !== 'interrupted') return [];
  const ended = status === 'error' ? 'An error ended the run' : 'The run was interrupted';
  const how = isBlank(result)
    ? 'before any variant ended, so there are no figures.'
    : 'early; the figures cover what was measured until then.';
  return conclude('bad', 'The run is incomplete', say`${ended} ${how}`);
}

/** Names the processes whose event loop could not keep up. Their delay is part of the figures. */
export function saturation({ variants }: Result): Conclusion[] {
  const delays = variants.flatMap((variant) => {
    const late = saturated(variant).map(
      ({ name, loopDelayP99Ms }) => `${name} ${duration(loopDelayP99Ms ?? variant.self.lag.p99Ms)}`,
    );
    return late.length > 0 ? [say`${variant}: ${late.join(', ')}`] : [];
  });
  return conclude(
    'note',
    'A process reached its own limit',
    delays.length > 0 &&
      say`A late process adds its own latency and timeouts. Its delay at p99: ${joined(delays, '; ')}.`,
  );
}

/** Lists the injected faults, and which variants they affected. */
export const injectedFaults = (result: Result): Conclusion[] =>
  conclude(
    'note',
    'Faults were injected',
    ...[...injectedIn(result)].map(([what, affected]) => pointOf(what, affected, measuredVariants(result))),
  );

/** Names the faults of the run as a possible cause of all conclusions; null if none was injected. */
export function possibleCause(result: Result): string | null {
  const all = [...injectedIn(result).keys()];
  if (all.length === 0) return null;
  const what = all.length > 2 ? `${plural(all.length, 'fault')} were injected` : all.join(' and ');
  return `In this run ${what}, which can be a cause of what follows.`;
}

type Affected = Readonly<{ variant: VariantResult; fault: Met }>;

/** Groups the affected variants by a text about their fault, such as `gateway was killed`. */
function injectedIn(result: Result): Map<string, Affected[]> {
  const all = measuredVariants(result).flatMap((variant) =>
    faultsMet(variant).map((fault) => ({ variant, fault })),
  );
  return Map.groupBy(all, ({ fault }) => `${fault.target} was ${fault.state}`);
}

function pointOf(what: string, affected: readonly Affected[], all: readonly VariantResult[]): Words {
  const variants = [...new Set(affected.map(({ variant }) => variant))];
  const spans = affected
    .filter(({ variant }) => variant === variants[0])
    .map(({ fault }) => `from ${duration(fault.fromMs)} to ${duration(fault.untilMs)}`);
  const spared = all.filter((variant) => !variants.includes(variant));
  const when = say`${what} ${spans.join(' and ')}`;
  if (spared.length === 0) return say`${when} in every variant.`;
  return say`${when}; ${listed(variants)} ${inNumber(variants.length, 'passes', 'pass')} it and ${listed(spared)} ${inNumber(spared.length, 'does', 'do')} not, so the fault may explain a difference between them.`;
}
