import { saturated } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration } from '#lab/text/format.ts';
import { type Conclusion, say } from './conclusion.ts';

/** How far the other conclusions may be trusted, when the measurement failed or ended early. */
export function caution(result: Result): Conclusion[] {
  const failing = result.validity.filter((check) => !check.ok);
  if (result.status === 'invalid') {
    const names = [...new Set(failing.map((check) => check.name))].join(', ');
    return [
      {
        rule: 'caution',
        tone: 'bad',
        title: 'Read the rest as a hint, not as a finding',
        points: [
          say`The measurement itself was off${names === '' ? '' : ` (${names})`}, so what follows may be the testbed's doing.`,
        ],
      },
    ];
  }
  if (result.status === 'error' || result.status === 'interrupted') {
    const ended = result.status === 'error' ? 'An error ended the run' : 'The run was interrupted';
    return [
      {
        rule: 'caution',
        tone: 'bad',
        title: 'This is a part of the experiment',
        points: [say`${ended} early; the figures cover what was measured until then.`],
      },
    ];
  }
  return [];
}

/** Systems under test whose event loop could not keep up: their figures are those of a busy process, too. */
export function saturation(result: Result): Conclusion[] {
  const touched = result.variants.filter((variant) => saturated(variant).length > 0);
  if (touched.length === 0) return [];
  return [
    {
      rule: 'saturation',
      tone: 'note',
      title: 'A process reached its own limit',
      points: [
        say`Where a process runs late, latency and timeouts are partly its own doing. At p99 it was: ${touched.flatMap(
          (variant, i) => say`${i > 0 ? '; ' : ''}${variant}: ${late(variant)}`,
        )}.`,
      ],
    },
  ];
}

const late = (variant: VariantResult): string =>
  saturated(variant)
    .map(({ name, loopDelayP99Ms }) => `${name} ${duration(loopDelayP99Ms ?? variant.self.lag.p99Ms)}`)
    .join(', ');
