import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asInput } from '#kit/schema/as-input.ts';
import { Experiment } from '#lab/experiment/schema.ts';

const file = fileURLToPath(new URL('../../experiments/schema.json', import.meta.url));

/** Returns the JSON Schema of the experiment file, as editors need it. Fields with a default are optional in it. */
export function editorSchema(): string {
  const $schema = 'http://json-schema.org/draft-07/schema#';
  return `${JSON.stringify({ $schema, ...asInput(Experiment) }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(file, editorSchema());
