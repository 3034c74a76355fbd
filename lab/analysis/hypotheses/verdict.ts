import { exitCodes } from '#lab/errors/exit-codes.ts';
import { isAgentLoss } from '#lab/errors/testbed-error.ts';
import type { HypothesisResult, Result, ValidityCheck } from '#lab/result/result.ts';

interface Findings {
  readonly interrupted: boolean;
  readonly errors: Result['errors'];
  readonly validity: readonly ValidityCheck[];
  readonly hypotheses: readonly HypothesisResult[];
}

/**
 * Returns the verdict of a run by its most serious finding. If the measurement is invalid, its hypotheses don't count.
 */
export function verdict({
  interrupted,
  errors,
  validity,
  hypotheses,
}: Findings): Pick<Result, 'status' | 'exitCode'> {
  if (interrupted) return { status: 'interrupted', exitCode: exitCodes.interrupted };
  if (!errors.every(isAgentLoss)) return { status: 'error', exitCode: exitCodes.internal };
  if (errors.length > 0 || validity.some(({ ok }) => !ok))
    return { status: 'invalid', exitCode: exitCodes.invalid };
  if (hypotheses.some(({ ok }) => ok === false)) return { status: 'failed', exitCode: exitCodes.failed };
  if (hypotheses.some(({ ok }) => ok === null)) return { status: 'invalid', exitCode: exitCodes.invalid };
  return { status: hypotheses.length > 0 ? 'held' : 'measured', exitCode: exitCodes.held };
}
