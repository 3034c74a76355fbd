import { saturated } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration } from '#lab/text/format.ts';
import { type Conclusion, conclude, say } from './conclusion.ts';

/** Says how far the other conclusions may be trusted, when the measurement failed or ended early. */
export function caution({ status, validity }: Result): Conclusion[] {
  if (status === 'invalid') {
    const failing = new Set(validity.filter(({ ok }) => !ok).map(({ name }) => name));
    const names = failing.size > 0 ? ` (${[...failing].join(', ')})` : '';
    return conclude('caution', 'bad', 'Read the rest as a hint, not as a finding', [
      say`The measurement itself was off${names}, so what follows may be the testbed's doing.`,
    ]);
  }
  if (status !== 'error' && status !== 'interrupted') return [];
  const ended = status === 'error' ? 'An error ended the run' : 'The run was interrupted';
  return conclude('caution', 'bad', 'This is a part of the experiment', [
    say`${ended} early; the figures cover what was measured until then.`,
  ]);
}

/** Names processes whose event loop could not keep up: the figures include their own delay. */
export function saturation({ variants }: Result): Conclusion[] {
  const busy = variants.filter((variant) => saturated(variant).length > 0);
  if (busy.length === 0) return [];
  const delays = busy.flatMap((variant, i) => say`${i > 0 ? '; ' : ''}${variant}: ${delaysOf(variant)}`);
  return conclude('saturation', 'note', 'A process reached its own limit', [
    say`Where a process runs late, latency and timeouts are partly its own doing. At p99 it was: ${delays}.`,
  ]);
}

const delaysOf = (variant: VariantResult): string =>
  saturated(variant)
    .map(({ name, loopDelayP99Ms }) => `${name} ${duration(loopDelayP99Ms ?? variant.self.lag.p99Ms)}`)
    .join(', ');
