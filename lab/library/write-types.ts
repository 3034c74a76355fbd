import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TSchema } from 'typebox';
import { assetFile } from '#kit/process/installation.ts';
import { asInput } from '#kit/schema/as-input.ts';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Result } from '#lab/result/result.ts';
import { NetproxyConfig } from '#netproxy/config.ts';
import { BreakerOptions } from '#policies/breaker.ts';
import { BudgetOptions } from '#policies/budget.ts';
import { BulkheadOptions } from '#policies/bulkhead.ts';
import { DeadlineOptions } from '#policies/deadline.ts';
import { RetryOptions } from '#policies/retry.ts';
import { TimeoutOptions } from '#policies/timeout.ts';
import { declaration } from './typescript.ts';

const given = {
  BreakerOptions,
  BudgetOptions,
  BulkheadOptions,
  DeadlineOptions,
  RetryOptions,
  TimeoutOptions,
};

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

/** Returns the types that follow from schemas, by their file in this folder. */
export function typeFiles(): Record<string, string> {
  const head = '// Written by lab/library/write-types.ts from the schemas.\n';
  const file = (schemas: Readonly<Record<string, object>>): string =>
    [head, ...Object.entries(schemas).map(([name, schema]) => declaration(name, schema))].join('\n');
  const input = (schemas: Readonly<Record<string, TSchema>>): string =>
    file(Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, asInput(schema)])));
  return {
    'types/result.d.ts': file({ Result, RunRecord, VariantRecord }),
    'types/experiment.d.ts': input({ Experiment }),
    'types/options.d.ts': input(given),
    'types/toxic.d.ts': input({ Toxic }),
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(typeFiles())) {
    const file = assetFile(`lab/library/${name}`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
