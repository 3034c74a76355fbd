import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fileOf } from '#lab/experiment/course.ts';
import { simulate } from '#lab/library/spillway.ts';
import type { VariantResult } from '#lab/result/result.ts';

/** Fields of an experiment's file. */
// biome-ignore lint/suspicious/noExplicitAny: the schema checks it
export type Fields = Record<string, any>;

/** Simulates a variant of an experiment of the course without overhead. `change` edits the fields of its file before. */
export async function ideal(
  name: string,
  variant: string,
  change: (fields: Fields) => void = () => undefined,
): Promise<VariantResult> {
  const fields: Fields = { ...parse(readFileSync(fileOf(name), 'utf8')), hypothesis: [], steadyState: [] };
  change(fields);
  const { variants } = await simulate(fields, { only: [variant] });
  return variants[0]!;
}

/** Returns the window of a variant by its name, such as `during outage`. */
export const windowOf = ({ windows }: VariantResult, name: string) =>
  windows.find((window) => window.name === name)!;
