import { levelOf } from '#lab/experiment/course.ts';
import { leastMsOfRound } from '#lab/experiment/measures.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { number, plain } from '#lab/kit/text/format.ts';
import { alignedRows, dimmed, paint, paperOf } from './paper.ts';

/** Returns the shortest length of a run in minutes, rounded up to half a minute. `auto` counts as full speed. */
function minutesOf(experiment: Experiment): number {
  const { repeat, slowMotion } = experiment;
  const factor = slowMotion === 'auto' ? 1 : slowMotion;
  return Math.ceil((repeat * factor * leastMsOfRound(experiment)) / 30_000) / 2;
}

const note =
  'Minutes at full speed and without the start of the testbed. Slow motion multiplies them by its factor.';

/**
 * Formats a table of experiments. Those of the course have a level. A terminal gets wrapped questions and a note. Other
 * outputs get one line per experiment.
 */
export function renderExperiments(
  files: readonly ExperimentFile[],
  isCourse: boolean,
  output: Parameters<typeof paperOf>[0],
): string[] {
  if (files.length === 0) return [];
  const paper = paperOf(output);
  const rows = files.map(({ name, file, experiment }) => {
    const minutes = number(minutesOf(experiment));
    return isCourse ? [name, minutes, levelOf(name), experiment.title] : [file, minutes, experiment.title];
  });
  const heads = ['experiment', 'minutes', ...(isCourse ? ['level'] : []), 'question'];
  const [head = [], ...lines] = alignedRows([heads, ...rows], paper.width);
  return [
    ...head.map((line) => paint(paper, 'dim', line)),
    ...lines.flat(),
    ...(output.isTTY ? ['', ...dimmed(note, paper)] : []),
  ].map(plain);
}

interface Listed extends Readonly<Record<'folder' | 'kind' | 'status', string>> {
  readonly label?: string;
}

/** Formats stored runs, one a line. Their labels have a column if there is one. */
export function renderRuns(runs: readonly Listed[]): string {
  const isLabelled = runs.some(({ label }) => label !== undefined);
  const fields = ['folder', ...(isLabelled ? ['label' as const] : []), 'kind', 'status'] as const;
  const rows = runs.map((run) => fields.map((field) => run[field] ?? ''));
  const lines = alignedRows([['run', ...fields.slice(1)], ...rows]);
  return lines.map((line) => plain(`${line}\n`)).join('');
}
