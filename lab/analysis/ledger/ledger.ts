import type { Ledger } from '#lab/result/result.ts';
import { callChecks } from './call-checks.ts';
import { type Check, check, known, same } from './check.ts';
import { effectChecks } from './effect-checks.ts';
import { eventChecks } from './event-checks.ts';
import type { Witnesses } from './witnesses.ts';

/** Holds the witnesses against each other; after `settle`. */
export function balance(witnesses: Witnesses, lost: number): Ledger {
  const checks = [
    offeredCheck(witnesses),
    ...effectChecks(witnesses),
    ...(witnesses.path === 'rpc' ? callChecks(witnesses) : eventChecks(witnesses, lost)),
  ];
  return { balanced: checks.every(({ ok }) => ok), checks };
}

function offeredCheck({ summary, requests }: Witnesses): Check {
  const sum = Object.values(requests.count()).reduce((a, b) => a + b, 0);
  return check(
    'every offered request has one outcome',
    ...same(
      known('planned arrivals', summary.planned),
      known('generator, offered', summary.offered),
      known('sum of outcomes', sum),
      known('lines in the record', requests.recorded + requests.strays),
    ),
  );
}
