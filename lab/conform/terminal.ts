import { inNumber, plain } from '#lab/kit/text/format.ts';
import { alignedRows, type Colour, type Paper, paint, printed, wrap } from '#lab/show/terminal/paper.ts';
import type { Conformity, FactResult } from './examine.ts';
import type { Verdict } from './facts/fact.ts';
import { sequenceLines } from './sequence.ts';

export const signs: Readonly<Record<Verdict, { sign: string; word: string; colour: Colour }>> = {
  safe: { sign: '✓', word: 'safe', colour: 'green' },
  unsafe: { sign: '✗', word: 'unsafe', colour: 'red' },
  unknown: { sign: '?', word: 'not measured', colour: 'yellow' },
  none: { sign: '–', word: 'none', colour: 'dim' },
};

/** Counts the facts by their verdicts, and names the world. */
export function summaryOf({ client, isVirtual, facts }: Conformity): string {
  const counts = Object.entries(signs).map(
    ([each, { word }]) => `${facts.filter(({ verdict }) => verdict === each).length} ${word}`,
  );
  const world = isVirtual ? 'in virtual time' : 'in real time, since it uses sockets of its own';
  return `${client}, ${world}: ${counts.join(', ')}`;
}

/** Lists the facts, and the sequence of each unsafe one; with `isVerbose` of each that was seen. */
export function renderConformity(conformity: Conformity, paper: Paper, isVerbose = false): string {
  const rows = alignedRows(
    conformity.facts.map(({ verdict, title, text }) => [`${signs[verdict].sign} ${title}`, plain(text)]),
    paper.width,
  );
  const lines = conformity.facts.flatMap((fact, index) => {
    const { sign, colour } = signs[fact.verdict];
    const [first = '', ...more] = rows[index]!;
    const sequence = fact.verdict === 'unsafe' || isVerbose ? shownSequence(fact, paper) : [];
    return [first.replace(sign, (found) => paint(paper, colour, found)), ...more, ...sequence];
  });
  return printed([wrap(summaryOf(conformity), paper.width, '  '), lines]);
}

function shownSequence({ verdict, safe, scenarios }: FactResult, paper: Paper): string[] {
  const { sequence } = scenarios.find((each) => each.verdict === verdict)!;
  const rows = sequenceLines(sequence).map(([time, event]) => [`    ${plain(time)}`, event]);
  const lead = `    Safe: ${safe[0]!.toLowerCase()}${safe.slice(1)}.`;
  const head = verdict === 'unsafe' ? wrap(lead, paper.width, '    ') : [];
  return [...head, ...alignedRows(rows, paper.width).flat()].map((line) => paint(paper, 'dim', line));
}

/**
 * Returns lines for the facts that changed since an earlier result. In real time, in which durations vary, only verdicts
 * count, and what was not measured is no change.
 */
export function changesSince(before: Conformity, now: Conformity): string[] {
  return now.facts.flatMap(({ name, title, verdict, text }) => {
    const old = before.facts.find((each) => each.name === name);
    const isMeasured = verdict !== 'unknown' && old?.verdict !== 'unknown';
    const isSame = old?.verdict === verdict && (old.text === text || !now.isVirtual);
    if (isSame || !(now.isVirtual || isMeasured)) return [];
    const was = old ? `${signs[old.verdict].word}: ${old.text}` : 'not known';
    return [`${title}: ${signs[verdict].word}: ${text} (before ${was})`];
  });
}

export const changesText = (changes: readonly string[], file: string): string =>
  changes.length === 0
    ? `All facts are as in ${file}.`
    : [
        `${changes.length} ${inNumber(changes.length, 'fact')} changed since ${file}:`,
        ...changes.map((line) => `  ${line}`),
      ].join('\n');
