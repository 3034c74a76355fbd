import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { assetFile } from '#kit/process/installation.ts';
import { asInput } from '#kit/schema/as-input.ts';
import { declaration } from '#lab/build/reference/typescript.ts';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Result } from '#lab/judge/result/result.ts';
import { policies } from '#policies/pipeline.ts';

const given = Object.fromEntries(
  Object.entries(policies).map(([name, { schema }]) => [
    `${name[0]!.toUpperCase()}${name.slice(1)}Options`,
    schema as TSchema,
  ]),
);

/** Declarations of the exports by the name of their file in the package. */
const declared = {
  spillway: 'lab/cli/library/declared.d.ts',
  policies: 'services/policies/declared.d.ts',
};

/** Writes the types of the package into a folder: those that follow from schemas, and those of the exports. */
export function writeTypes(folder: string): void {
  const file = (name: string, schemas: Readonly<Record<string, object>>): void => {
    const declarations = Object.entries(schemas).map(([type, schema]) => declaration(type, schema));
    writeFileSync(join(folder, `${name}.d.ts`), declarations.join('\n'));
  };
  const input = (schemas: Readonly<Record<string, TSchema>>) =>
    Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, asInput(schema)]));
  file('result', { Result, RunRecord, VariantRecord });
  file('experiment', input({ Experiment }));
  file('options', input(given));
  for (const [name, source] of Object.entries(declared))
    cpSync(assetFile(source), join(folder, `${name}.d.ts`));
}
