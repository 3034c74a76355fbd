import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { isBlank } from '#lab/result/facts.ts';
import type { Result, RunError, Status, ValidityCheck } from '#lab/result/result.ts';
import { count, duration, inNumber, number, plural } from '#lab/text/format.ts';

/** The verdict in words: one for the eye, a sentence, and what is behind it. */
export interface Verdict {
  readonly word: string;
  readonly sentence: string;
  readonly reasons: readonly string[];
}

const words: Record<Status, string> = {
  held: 'Held',
  measured: 'Measured',
  failed: 'Failed',
  invalid: 'Invalid',
  error: 'Error',
  interrupted: 'Interrupted',
};

/** What the status of a result means, with its reasons, the gravest first. */
export function verdictOf(result: Result): Verdict {
  const verdict = judgement(result);
  return result.withoutFaults ? { ...verdict, sentence: `${verdict.sentence} ${control}` } : verdict;
}

const control =
  'This is a control, in which nothing was broken, so something should fail; what holds here, too, is not the doing of any cure.';

function judgement(result: Result): Verdict {
  const broken = result.hypotheses.filter(({ ok }) => ok === false);
  const failing = [
    ...result.validity.filter((check) => !check.ok).map(describeCheck),
    ...result.variants
      .filter(({ ledger }) => !ledger.balanced)
      .map(({ name }) => `The ledger of ${name} does not balance.`),
  ];
  const errors = result.errors.map(describeError);
  const verdict = { word: words[result.status], reasons: [...errors, ...first(failing)] };
  const until = isBlank(result)
    ? 'any variant was finished.'
    : 'its end; below is what was measured until then.';
  const all = plural(result.hypotheses.length, 'hypothesis');
  switch (result.status) {
    case 'held': {
      const which = result.hypotheses.length === 1 ? 'The hypothesis holds' : `All ${all} hold`;
      return { ...verdict, sentence: `${which}, and the measurement is valid.` };
    }
    case 'measured':
      return { ...verdict, sentence: 'Nothing was asked, and the measurement is valid.' };
    case 'failed':
      return {
        ...verdict,
        sentence: `${broken.length} of ${all} ${inNumber(broken.length, 'does', 'do')} not hold; the measurement is valid.`,
        reasons: [
          ...verdict.reasons,
          ...broken.map((hypothesis) => `${hypothesis.text} (${sidesText(hypothesis)})`),
        ],
      };
    case 'invalid':
      return {
        ...verdict,
        sentence: `The measurement itself was off, so ${consequence(result.hypotheses.length)}.`,
        reasons: [...verdict.reasons, ...remediesOf(result)],
      };
    case 'error':
      return { ...verdict, sentence: `An error ended the run before ${until}` };
    case 'interrupted':
      return {
        ...verdict,
        sentence: `The run was stopped before ${until}`,
      };
  }
}

/** What stands by the hypotheses of an invalid measurement, since their marks look like verdicts. */
export const noVerdict = 'Shown for information: an invalid measurement gives no verdict.';

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

/** What ended the run, where, and how far that variant had come. */
function describeError({ name, message, variant, counts }: RunError): string {
  const where = variant === undefined ? '' : ` in ${variant}`;
  if (!counts) return `${name}${where}: ${message}`;
  const { elapsedMs, offered, inFlight, outcomes } = counts;
  const ended = Object.entries(outcomes).map(([outcome, n]) => `${count(n)} ${outcome}`);
  const soFar = [...ended, `${count(inFlight)} under way`].join(', ');
  return `${name}${where}, ${duration(elapsedMs)} after its start: ${message}. Of ${plural(offered, 'request')} until then: ${soFar}.`;
}

/** One failing check as a sentence: what, where, by how much, and what it means. */
export function describeCheck({ name, variant, finding, meaning }: ValidityCheck): string {
  return `${name} in ${variant}: ${finding}. ${meaning}`;
}

/** What to do about the failing checks. A sentence that several remedies share appears once. */
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
