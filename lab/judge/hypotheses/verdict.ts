import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { measuresOf } from '#lab/experiment/measures.ts';
import type { Result, ValidityCheck } from '#lab/judge/result/result.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';

interface Findings extends Pick<Result, 'errors' | 'validity' | 'hypotheses'> {
  readonly interrupted: boolean;
}

/** Returns the hypotheses, without a verdict on those that a failed check leaves open. */
export const judgedBy = (
  validity: readonly ValidityCheck[],
  hypotheses: readonly HypothesisResult[],
): HypothesisResult[] =>
  hypotheses.map((hypothesis) => {
    const { text, ok } = hypothesis;
    const names = measuresOf(text).map(({ variant }) => variant);
    const isOpened = ({ variant, wholeRun, hypotheses }: ValidityCheck) =>
      wholeRun || (hypotheses ? hypotheses.includes(text) : names.includes(variant));
    const failed = validity.find((check) => !check.ok && isOpened(check));
    if (ok === null || !failed) return hypothesis;
    return { ...hypothesis, ok: null, reason: `failed check: ${failed.name} in ${failed.variant}` };
  });

/** Judges by the most serious finding. A failed hypothesis counts more than one that was not judged. */
export function verdict({
  interrupted,
  errors,
  validity,
  hypotheses,
}: Findings): Pick<Result, 'status' | 'exitCode'> {
  if (interrupted) return { status: 'interrupted', exitCode: exitCodes.interrupted };
  if (errors.length > 0) return { status: 'error', exitCode: exitCodes.internal };
  if (hypotheses.some(({ ok }) => ok === false)) return { status: 'failed', exitCode: exitCodes.failed };
  const some = hypotheses.length > 0 ? hypotheses : validity;
  if (!some.every(({ ok }) => ok)) return { status: 'invalid', exitCode: exitCodes.invalid };
  return { status: hypotheses.length > 0 ? 'held' : 'measured', exitCode: exitCodes.held };
}
