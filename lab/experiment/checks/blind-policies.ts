import { optionsOverTime } from '#lab/experiment/changes.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import { type Experiment, validEntries } from '#lab/experiment/schema.ts';
import type { PolicySpec } from '#policies/pipeline.ts';
import { nameOf } from '#policies/policy-metrics.ts';

/** Policies around a given policy: those that a request passes before it (`outer`) and after it (`inner`). */
interface Around {
  readonly outer: readonly PolicySpec[];
  readonly inner: readonly PolicySpec[];
}

/** Returns the reason why a policy can't observe what it should act on, with the remedy; undefined if it can. */
type Rule = (spec: PolicySpec, around: Around, deadlineMs: number) => string | undefined;

/** Reports policies that can never observe what they should act on, because of a policy outside or inside of them. */
export function blindPolicies({ variants, deadlineMs }: Experiment): LocatedProblem[] {
  const pipelines = validEntries('/variants', variants).flatMap(({ pointer, value }) =>
    optionsOverTime(value, pointer),
  );
  return pipelines.flatMap(({ pointer, policies }) =>
    policies.flatMap((spec, index) => {
      const arounds = aroundsOf(policies, index);
      return rules
        .map((rule) => arounds.map((around) => rule(spec, around, deadlineMs)))
        .filter((messages) => !messages.includes(undefined))
        .map(([message = '']) => ({
          pointer: `${pointer}/policies/${index}/${nameOf(spec)}`,
          message,
          onKey: true,
        }));
    }),
  );
}

/** Returns the policies outside and inside of the policy at `index`, for each class of requests that passes it. */
function aroundsOf(policies: readonly PolicySpec[], index: number): Around[] {
  const own = classOf(policies[index]!);
  const classes = own === undefined ? new Set([undefined, ...policies.map(classOf)]) : [own];
  return Array.from(classes, (each) => {
    const isPassed = (spec: PolicySpec) => [undefined, each].includes(classOf(spec));
    return {
      outer: policies.slice(0, index).filter(isPassed),
      inner: policies.slice(index + 1).filter(isPassed),
    };
  });
}

const rules: readonly Rule[] = [
  // A breaker doesn't count a call that a policy outside of it cuts off: to the breaker, the caller has given up.
  (spec, { outer, inner }, deadlineMs) => {
    const limit = shortest(outer, deadlineMs);
    if (!('breaker' in spec) || !limit) return undefined;
    const { ms = Infinity } = shortest(inner, deadlineMs) ?? {};
    return ms < limit.ms
      ? undefined
      : `the breaker does not count the calls that the ${limit.name} outside it cuts off: put a timeout of less than ${limit.ms} ms inside the breaker`;
  },
  (spec, { inner }) =>
    'breaker' in spec && inner.some(retries)
      ? 'the breaker counts requests and not attempts: put it inside the retry'
      : undefined,
  (spec, { outer }, deadlineMs) => {
    const limit = shortest(outer, deadlineMs);
    return 'timeout' in spec && limit && limit.ms <= spec.timeout.ms
      ? `the timeout never acts, as the ${limit.name} of ${limit.ms} ms outside it ends first: give it less time`
      : undefined;
  },
];

const retries = (spec: PolicySpec): boolean => 'retry' in spec && spec.retry.maxRetries > 0;

/**
 * Returns the policy that cuts calls off first. A deadline policy cuts a call off when the time of its caller is over,
 * or earlier.
 */
function shortest(
  specs: readonly PolicySpec[],
  deadlineMs: number,
): { name: string; ms: number } | undefined {
  return specs
    .flatMap((spec) => {
      if ('timeout' in spec) return [{ name: nameOf(spec), ms: spec.timeout.ms }];
      if (!('deadline' in spec)) return [];
      const { ms = Infinity, marginMs } = spec.deadline;
      return [{ name: nameOf(spec), ms: Math.min(ms, deadlineMs - marginMs) }];
    })
    .toSorted((a, b) => a.ms - b.ms)[0];
}

const classOf = (spec: PolicySpec): string | undefined =>
  (Object.values(spec)[0] as { class?: string }).class;
