import { join } from 'node:path';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { evidenceFile } from '#lab/evidence/format.ts';
import type { RunEvidence } from '#lab/evidence/read-run.ts';
import { check } from '#lab/experiment/check.ts';
import { type ExperimentFile, readExperiment } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { changedKeys } from '#lab/kit/text/flatten.ts';

/** Returns the experiment of the given file; without a file, the conducted experiment. Throws InputError. */
export function askedOf(evidence: RunEvidence, path?: string): ExperimentFile {
  const { folder } = evidence;
  const [head] = evidence.records;
  if (head?.record !== 'run') throw new Error('expected the record run');
  const conducted = check(withoutFormer(head.experiment));
  if (Array.isArray(conducted)) {
    const [first] = conducted;
    throw new EvidenceError(`experiment${first?.pointer}: ${first?.message}`, {
      file: join(folder, evidenceFile),
      record: 1,
    });
  }
  const { name, file, source, instead, leftOut } = head;
  if (path === undefined) return { name, file, source, instead, leftOut, experiment: conducted };
  const asked = readExperiment(path, instead, leftOut && Object.keys(conducted.variants));
  const fields = unanswerable(conducted, asked.experiment);
  if (fields.length === 0) return asked;
  throw new InputError(
    `${path}: the evidence of ${folder} does not cover changes of ${fields.join(', ')}: run the experiment instead`,
  );
}

/** Returns an experiment in evidence without the options that no longer exist. None of them affects how evidence is judged. */
function withoutFormer({ tolerance: _, variants, recovery, ...rest }: Record<string, unknown>): object {
  const { relativeTo, ...rule } = (recovery ?? {}) as Record<string, unknown>;
  const own = Object.entries(variants as Record<string, Record<string, unknown>>).map(
    ([name, { predicted, law, httpClient, ...variant }]) => [name, variant] as const,
  );
  return {
    ...rest,
    recovery: relativeTo === 'before' ? recovery : rule,
    variants: Object.fromEntries(own),
  };
}

/** Fields that affect only how evidence is judged, not how a run is conducted. */
const judged = ['title', 'description', 'hypothesis', 'steadyState', 'recovery', 'validity'];

/**
 * Returns the fields that differ between the two experiments, so that the evidence of `conducted` can't answer `asked`.
 */
export function unanswerable(conducted: Experiment, asked: Experiment): string[] {
  return changedKeys(conductedOnly(conducted), conductedOnly(asked));
}

function conductedOnly({ variants, ...rest }: Experiment): object {
  return {
    ...without(rest, judged),
    variants: Object.fromEntries(
      Object.entries(variants).map(([name, variant]) => [name, without(variant, ['description'])]),
    ),
  };
}

const without = (value: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
