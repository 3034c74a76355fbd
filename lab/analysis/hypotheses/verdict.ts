import { exitCodes } from '#lab/errors/exit-codes.ts';
import type { HypothesisResult, Result, ValidityCheck } from '#lab/result/result.ts';

interface Evidence {
  readonly interrupted: boolean;
  readonly errors: Result['errors'];
  readonly validity: readonly ValidityCheck[];
  readonly hypotheses: readonly HypothesisResult[];
}

/** The one verdict of a run. The graver reason wins: no hypothesis is judged by a measurement that was off. */
export function verdict({
  interrupted,
  errors,
  validity,
  hypotheses,
}: Evidence): Pick<Result, 'status' | 'exitCode'> {
  if (interrupted) return { status: 'interrupted', exitCode: exitCodes.interrupted };
  if (errors.length > 0) return { status: 'error', exitCode: exitCodes.internal };
  if (validity.some(({ ok }) => !ok)) return { status: 'invalid', exitCode: exitCodes.invalid };
  if (hypotheses.some(({ ok }) => ok === false)) return { status: 'failed', exitCode: exitCodes.failed };
  return { status: hypotheses.length > 0 ? 'held' : 'measured', exitCode: exitCodes.held };
}
