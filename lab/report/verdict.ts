import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { isBlank } from '#lab/result/facts.ts';
import type { HypothesisResult, Result, RunError, ValidityCheck } from '#lab/result/result.ts';
import { count, duration, inNumber, number, plural } from '#lab/text/format.ts';

/** A verdict in words. */
export interface Verdict {
  readonly word: string;
  readonly sentence: string;
  readonly reasons: readonly string[];
}

/** Explains the status of a result, with its reasons, the most serious first. */
export function verdictOf(result: Result): Verdict {
  const verdict = judgement(result);
  return result.withoutFaults ? { ...verdict, sentence: `${verdict.sentence} ${control}` } : verdict;
}

const control =
  'This is a control without faults, so some hypothesis should fail. One that holds here, too, does not show that a policy helps.';

function judgement(result: Result): Verdict {
  const { hypotheses, status, validity, variants } = result;
  const failing = [
    ...validity.filter((check) => !check.ok).map(describeCheck),
    ...variants
      .filter(({ ledger }) => !ledger.balanced)
      .map(({ name }) => `The ledger of ${name} does not balance.`),
  ];
  const reasons = [...result.errors.map(describeError), ...first(failing)];
  const verdict = (sentence: string, more: readonly string[] = []): Verdict => ({
    word: status.charAt(0).toUpperCase() + status.slice(1),
    sentence,
    reasons: [...reasons, ...more],
  });
  const until = isBlank(result)
    ? 'any variant was finished.'
    : 'its end; the figures cover the time until then.';
  const all = plural(hypotheses.length, 'hypothesis');
  switch (status) {
    case 'held':
      return verdict(
        `${hypotheses.length === 1 ? 'The hypothesis holds' : `All ${all} hold`}, and the measurement is valid.`,
      );
    case 'measured':
      return verdict('There is no hypothesis; the measurement is valid.');
    case 'failed': {
      const broken = hypotheses.filter(({ ok }) => ok === false);
      return verdict(
        `${broken.length} of ${all} ${inNumber(broken.length, 'does', 'do')} not hold; the measurement is valid.`,
        broken.map((hypothesis) => `${hypothesis.text} (${sidesText(hypothesis)})`),
      );
    }
    case 'invalid':
      return verdict(`The measurement is invalid, so ${consequence(hypotheses.length)}.`, remediesOf(result));
    case 'error':
      return verdict(`An error ended the run before ${until}`);
    case 'interrupted':
      return verdict(`The run was stopped before ${until}`);
  }
}

/** Note beside the hypotheses of an invalid measurement. */
export const noVerdict = 'Shown for information: an invalid measurement gives no verdict.';

/** Hypotheses as an output marks them: those of an invalid measurement keep their figures, but have no verdict. */
export const judged = ({ hypotheses, status }: Result): readonly HypothesisResult[] =>
  status === 'invalid' ? hypotheses.map((each) => ({ ...each, ok: null })) : hypotheses;

/** Failing checks that the verdict lists. More would push what to do about them out of sight. */
const failingMax = 3;

/** Returns the first texts, and how many more there are. */
function first(failing: readonly string[]): string[] {
  const more = failing.length - failingMax;
  return more > 0
    ? [...failing.slice(0, failingMax), `And ${number(more)} more: see Validity in the report.`]
    : [...failing];
}

const consequence = (hypotheses: number): string =>
  hypotheses === 0
    ? 'its figures prove nothing'
    : `there is no verdict on the ${hypotheses === 1 ? 'hypothesis' : 'hypotheses'}`;

/** Says what ended the run, where, and how far that variant had come. */
function describeError({ name, message, variant, counts }: RunError): string {
  const where = variant === undefined ? '' : ` in ${variant}`;
  if (!counts) return `${name}${where}: ${message}`;
  const { elapsedMs, offered, inFlight, outcomes } = counts;
  const ended = Object.entries(outcomes).map(([outcome, n]) => `${count(n)} ${outcome}`);
  const soFar = [...ended, `${count(inFlight)} under way`].join(', ');
  return `${name}${where}, ${duration(elapsedMs)} after its start: ${message}. Of ${plural(offered, 'request')} until then: ${soFar}.`;
}

/** Describes a failing check: what, where, by how much, and what it means. */
export function describeCheck({ name, variant, finding, meaning }: ValidityCheck): string {
  return `${name} in ${variant}: ${finding}. ${meaning}`;
}

/** Lists what to do about the failing checks. A sentence shared by several remedies appears once. */
function remediesOf({ validity }: Result): string[] {
  const said = new Set<string>();
  return validity
    .filter(({ ok }) => !ok)
    .flatMap(({ remedy }) => {
      const added = remedy.split(/(?<=\.) (?=[A-Z])/).filter((sentence) => !said.has(sentence));
      for (const sentence of added) said.add(sentence);
      return added.length > 0 ? [`What to do: ${added.join(' ')}`] : [];
    });
}
