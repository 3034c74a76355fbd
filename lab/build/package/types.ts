import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TSchema } from 'typebox';
import { assetFile } from '#kit/process/installation.ts';
import { asInput } from '#kit/schema/as-input.ts';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Result } from '#lab/judge/result/result.ts';
import { NetproxyConfig } from '#netproxy/config.ts';
import { policies } from '#policies/pipeline.ts';
import { declaration } from './typescript.ts';

const given = Object.fromEntries(
  Object.entries(policies).map(([name, { schema }]) => [
    `${name[0]!.toUpperCase()}${name.slice(1)}Options`,
    schema as TSchema,
  ]),
);

const toxic = NetproxyConfig.properties.proxies.items.properties.toxics.items as unknown as TSchema & {
  readonly oneOf: readonly { readonly required: readonly string[] }[];
};
/** Toxic as the API accepts it, with an optional name. */
const Toxic = {
  ...toxic,
  oneOf: toxic.oneOf.map((kind) => ({
    ...kind,
    required: kind.required.filter((name) => name !== 'name'),
  })),
};

/** Declarations of the exports by the name of their file in the package. */
const declared = {
  spillway: 'lab/cli/library/declared.d.ts',
  policies: 'services/policies/declared.d.ts',
  'netproxy-test': 'services/netproxy/declared.d.ts',
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
  file('toxic', input({ Toxic }));
  for (const [name, source] of Object.entries(declared))
    cpSync(assetFile(source), join(folder, `${name}.d.ts`));
}
