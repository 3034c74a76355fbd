import { recordedStallMs } from '#kit/stalls.ts';
import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import { isBlank } from '#lab/result/facts.ts';
import type { Result, RunError, Status, ValidityCheck } from '#lab/result/result.ts';
import type { Simulations } from '#lab/result/simulations.ts';
import { count, duration, inNumber, number, plural } from '#lab/text/format.ts';

/** Explains the status of a result in a word, a sentence and its reasons, the most serious first. */
export function verdictOf(result: Result) {
  const { hypotheses, status, validity, variants } = result;
  const failing = [
    ...validity.filter((check) => !check.ok).map(describeCheck),
    ...variants
      .filter(({ ledger }) => !ledger.balanced)
      .map(({ name }) => `The ledger of ${name} does not balance.`),
  ];
  const unlisted = failing.length - failingMax;
  const broken = hypotheses.filter(({ ok }) => ok === false);
  const more: Partial<Record<Status, string[]>> = {
    failed: broken.map((hypothesis) => `${hypothesis.text} (${sidesText(hypothesis)})`),
    invalid: remediesOf(result),
  };
  const until = isBlank(result)
    ? 'any variant was finished.'
    : 'its end; the figures cover the time until then.';
  const all = plural(hypotheses.length, 'hypothesis');
  const sentences: Record<Status, string> = {
    held: `${holding(hypotheses.length)}, and the measurement is valid.`,
    measured: `${result.leftOut?.hypotheses.length ? 'No hypothesis was judged' : 'There is no hypothesis'}; the measurement is valid.`,
    failed: `${broken.length} of ${all} ${inNumber(broken.length, 'does', 'do')} not hold; the measurement is valid.`,
    invalid: `The measurement is invalid, so ${hypotheses.length === 0 ? 'its figures prove nothing' : `there is no verdict on the ${inNumber(hypotheses.length, 'hypothesis')}`}.`,
    error: `An error ended the run before ${until}`,
    interrupted: `The run was stopped before ${until}`,
  };
  const notes = [
    ...(result.leftOut ? [leftOutSentence(result.leftOut)] : []),
    ...(result.withoutFaults ? [controlRun] : []),
    ...(result.simulated ? [simulation] : unrecordedStalls(result)),
  ];
  return {
    word: status.charAt(0).toUpperCase() + status.slice(1),
    sentence: [sentences[status], ...notes].join(' '),
    reasons: [
      ...result.errors.map(describeError),
      ...failing.slice(0, failingMax),
      ...(unlisted > 0 ? [`And ${number(unlisted)} more: see Validity in the report.`] : []),
      ...(more[status] ?? []),
    ],
  };
}

function holding(count: number): string {
  if (count === 1) return 'The hypothesis holds';
  return count === 2 ? 'Both hypotheses hold' : `All ${plural(count, 'hypothesis')} hold`;
}

function leftOutSentence({ variants, hypotheses: { length } }: NonNullable<Result['leftOut']>): string {
  const which = `Left out by --only: ${plural(variants.length, 'variant')} (${variants.join(', ')})`;
  if (length === 0) return `${which}; no hypothesis names ${variants.length === 1 ? 'it' : 'one of them'}.`;
  const it = variants.length === 1 ? 'it' : 'one of them';
  return `${which}, so ${plural(length, 'hypothesis')} that ${inNumber(length, 'names', 'name')} ${it} ${inNumber(length, 'was', 'were')} not judged.`;
}

const controlRun =
  'This is a control run without faults, so some hypothesis should fail. One that holds here, too, does not show that a policy helps.';

const simulation = 'This is a simulation in virtual time, without sockets and processes.';

/** Says which stalls may have changed a verdict without being recorded. Empty if there can be none. */
function unrecordedStalls({ variants, slowMotion }: Result): string[] {
  const recordedMs = recordedStallMs / (slowMotion?.factor ?? 1);
  const stallMs = Math.min(...variants.map(({ self }) => self.stallMs ?? recordedMs));
  if (stallMs >= recordedMs) return [];
  return [
    `A stall of ${duration(stallMs)} may change a verdict, but only those of at least ${duration(recordedMs)} were recorded.`,
  ];
}

export const noVerdict = 'Shown for information: an invalid measurement gives no verdict.';

/** Returns the hypotheses as the report shows them. After an invalid measurement they have figures, but no verdict. */
export const judged = ({ hypotheses, status }: Result): Result['hypotheses'] =>
  status === 'invalid' ? hypotheses.map((each) => ({ ...each, ok: null })) : hypotheses;

/** Maximum number of failing checks that the verdict lists. More would push the advice about them out of sight. */
const failingMax = 3;

/** Describes what ended the run, in which variant, and how far this variant had come. */
function describeError({ name, message, variant, counts }: RunError): string {
  const where = variant === undefined ? '' : ` in ${variant}`;
  if (!counts) return `${name}${where}: ${message}`;
  const { elapsedMs, offered, inFlight, outcomes } = counts;
  const ended = Object.entries(outcomes).map(([outcome, n]) => `${count(n)} ${outcome}`);
  const soFar = [...ended, `${count(inFlight)} under way`].join(', ');
  return `${name}${where}, ${duration(elapsedMs)} after its start: ${message}. Of ${plural(offered, 'request')} until then: ${soFar}.`;
}

/** Describes a failing check: its name, its variant, the finding, and what the finding means. */
export const describeCheck = ({ name, variant, finding, meaning }: ValidityCheck): string =>
  `${name} in ${variant}: ${finding}. ${meaning}`;

/** Lists what to do about the failing checks. A sentence that several remedies share appears once. */
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

/**
 * Counts the variants that a simulation can be compared with, and those that agree with it, overhead included. Also
 * counts the figures that agree only because of the overhead.
 */
export function simulatedAgreement({ variants }: Simulations) {
  const judged = variants
    .map(({ figures }) => figures.filter(({ verdict }) => verdict !== 'unjudged'))
    .filter(({ length }) => length > 0);
  return {
    judged: judged.length,
    agreeing: judged.filter((figures) => figures.every(({ verdict }) => verdict !== 'differs')).length,
    explained: judged.flat().filter(({ verdict }) => verdict === 'explained').length,
  };
}
