import { recordedStallMs } from '#kit/stalls.ts';
import type { RunError } from '#lab/evidence/conditions.ts';
import { sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import { disturbedIn, isBlank, isWhole } from '#lab/judge/result/facts.ts';
import type { Result, Status, ValidityCheck } from '#lab/judge/result/result.ts';
import { comparedIn } from '#lab/judge/simulations.ts';
import { count, duration, inNumber, number, plural, utc } from '#lab/kit/text/format.ts';
import { adviceOn } from './advice.ts';
import { listed, plainWords } from './conclusion/words.ts';

/** Explains the status of a result in a word, a sentence and its reasons, the most serious first. */
export function verdictOf(result: Result) {
  const { status, validity, variants, hypotheses } = result;
  const broken = status === 'failed' ? hypotheses.filter(({ ok }) => ok === false) : [];
  const failing = [
    ...validity.filter((check) => !check.ok).map(describeCheck),
    ...variants
      .filter(({ ledger }) => !ledger.balanced)
      .map(({ name }) => `The ledger of ${name} does not balance.`),
  ];
  const unlisted = failing.length - failingMax;
  const until = isBlank(result)
    ? 'any variant was finished.'
    : 'its end; the figures cover the time until then.';
  const hasErrors = result.errors.length > 0;
  const sentences: Partial<Record<Status, string>> = {
    ...(!isWhole(result) && { error: `An error ended the run before ${until}` }),
    interrupted: `The run was stopped before ${until}`,
  };
  const notes = [
    ...(result.leftOut ? [leftOutSentence(result.leftOut)] : []),
    ...(result.withoutFaults ? [controlRun] : []),
    ...triesIn(result),
    ...(result.simulated ? [simulation] : unrecordedStalls(result)),
  ];
  return {
    word: status.charAt(0).toUpperCase() + status.slice(1),
    sentence: [sentences[status] ?? standing(result), ...notes].join(' '),
    /** Hypotheses that failed, with their figures. */
    broken: broken.map((hypothesis) => `${hypothesis.text} (${sidesText(hypothesis)})`),
    /** The cause first, then what to do about it. */
    reasons: [
      ...result.errors.map(describeError),
      ...failing.slice(0, 1),
      ...(hasErrors || status === 'held' ? [] : adviceOn(result)),
      ...failing.slice(1, failingMax),
      ...(unlisted > 0 ? [`And ${number(unlisted)} more: see Validity in the report.`] : []),
      ...(hasErrors ? [] : remediesOf(result)),
    ],
  };
}

export const titleOf = ({ experiment: { title }, label }: Result): string =>
  label === undefined ? title : `${title} · ${label}`;

/** Counts the hypotheses that hold or fail, and those that were not judged. Names the variants that were disturbed. */
function standing(result: Result): string {
  const { hypotheses } = result;
  const disturbed = disturbedIn(result);
  const isAll = disturbed.length === result.variants.length;
  const conducted = result.simulated ? 'simulation' : 'measurement';
  const measurement = `the ${conducted} ${isAll ? '' : `of ${plainWords(listed(disturbed))} `}is invalid`;
  const open = hypotheses.filter(({ ok }) => ok === null).length;
  const failed = failedClients(result);
  const failure = `the client of ${plainWords(listed(failed))} failed`;
  const ended = failed.length > 0 ? failure : 'the run or its load ended too early';
  const since = disturbed.length > 0 ? measurement : ended;
  const judged = judgedText(result);
  if (open > 0 && open === hypotheses.length) return `No hypothesis was judged, since ${since}.`;
  if (open > 0) return `${judged}; ${open} ${inNumber(open, 'was', 'were')} not judged, since ${since}.`;
  if (disturbed.length > 0) return `${judged}; ${measurement}.`;
  if (failed.length > 0) return `${judged}; ${failure}.`;
  return result.simulated ? `${judged}.` : `${judged}; the measurement is valid.`;
}

const failedClients = ({ errors }: Result): string[] => [
  ...new Set(errors.flatMap(({ name, variant }) => (name === 'client' ? (variant ?? []) : []))),
];

function judgedText({ hypotheses, leftOut }: Result): string {
  if (hypotheses.length === 0)
    return leftOut?.hypotheses.length ? 'No hypothesis was judged' : 'There is no hypothesis';
  const of = (verdict: boolean) => hypotheses.filter(({ ok }) => ok === verdict).length;
  const [held, failed] = [of(true), of(false)];
  const all = plural(hypotheses.length, 'hypothesis');
  if (failed > 0) return `${failed} of ${all} ${inNumber(failed, 'does', 'do')} not hold`;
  if (held < hypotheses.length) return `${held} of ${all} ${inNumber(held, 'holds', 'hold')}`;
  if (held === 1) return 'The hypothesis holds';
  return held === 2 ? 'Both hypotheses hold' : `All ${all} hold`;
}

function leftOutSentence({ variants, hypotheses: { length } }: NonNullable<Result['leftOut']>): string {
  const which = `Left out by --only: ${plural(variants.length, 'variant')} (${variants.join(', ')})`;
  const it = variants.length === 1 ? 'it' : 'one of them';
  if (length === 0) return `${which}; no hypothesis names ${it}.`;
  return `${which}, so ${plural(length, 'hypothesis')} that ${inNumber(length, 'names', 'name')} ${it} ${inNumber(length, 'was', 'were')} not judged.`;
}

/** Says how often and when each variant was tried, so that no rerun goes unseen. */
function triesIn({ variants, startedAt, reruns = [] }: Result): string[] {
  const texts = variants.flatMap(({ name }) => {
    const own = reruns.filter((each) => each.variants.includes(name));
    const times = own.map(({ startedAt, finished, otherMachine }) => {
      const where = otherMachine === undefined ? '' : ` on another machine, ${otherMachine}`;
      return `${utc(startedAt)}${where}${finished ? '' : ' (not finished)'}`;
    });
    return own.length > 0
      ? [`${name} ${own.length + 1} times (${[utc(startedAt), ...times].join(', ')})`]
      : [];
  });
  return texts.length > 0 ? [`Tried more than once: ${texts.join('; ')}. The last finished try counts.`] : [];
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

export const describeCheck = ({ name, variant, finding, meaning }: ValidityCheck): string =>
  `${name} in ${variant}: ${finding}. ${meaning}`;

/** Says what to do about the failing checks. A sentence that several remedies share appears once. */
function remediesOf({ validity }: Result): string[] {
  const failed = validity.filter(({ ok }) => !ok);
  const sentences = new Set(failed.flatMap(({ remedy }) => remedy.split(/(?<=\.) (?=[A-Z])/)));
  return failed.length > 0 ? [`What to do: ${[...sentences].join(' ')}`] : [];
}

/**
 * Counts the variants that a simulation can be compared with, and those that agree with it, overhead included. Also
 * counts the figures that agree only because of the overhead.
 */
export function simulatedAgreement(result: Result) {
  const judged = result.variants
    .map(({ name }) => comparedIn(result, name).filter(({ verdict }) => verdict !== 'unjudged'))
    .filter(({ length }) => length > 0);
  return {
    judged: judged.length,
    agreeing: judged.filter((figures) => figures.every(({ verdict }) => verdict !== 'differs')).length,
    explained: judged.flat().filter(({ verdict }) => verdict === 'explained').length,
  };
}
