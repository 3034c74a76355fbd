import { deedsOf } from '#lab/report/section/policies.ts';
import type { Result } from '#lab/result/result.ts';
import { type Paint, wrap } from './paper.ts';

/** Lists the actions of the policies, with a line for each variant and a warning for each policy that could not act. */
export function policyLines({ variants }: Result, paint: Paint, width: number): string[] {
  const lines = variants.flatMap(({ name, policies = [] }) => {
    if (policies.length === 0) return [];
    const deeds = policies.map((policy) => `${policy.policy} ${deedsOf({ ...policy, note: '' })}`);
    const idle = policies.filter(({ note }) => note !== '');
    return [
      ...wrap(`  ${name}: ${deeds.join('; ')}`, width, '    '),
      ...idle.flatMap((policy) =>
        wrap(`${paint('yellow', '⚠')} ${policy.policy} of ${name} ${deedsOf(policy)}`, width, '  '),
      ),
    ];
  });
  return lines.length > 0 ? ['What the policies did:', ...lines] : [];
}
