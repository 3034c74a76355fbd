import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Experiment } from './schema.ts';

const file = fileURLToPath(new URL('../../experiments/schema.json', import.meta.url));

/** The JSON Schema of the experiment file, for editors; a field with a default may be left out. */
export function editorSchema(): string {
  const schema = JSON.parse(JSON.stringify(Experiment), (_name, value) => {
    if (!Array.isArray(value?.required)) return value;
    const required = value.required.filter((name: string) => value.properties[name].default === undefined);
    return { ...value, required };
  });
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema }, null, 2)}\n`;
}

if (import.meta.main) writeFileSync(file, editorSchema());
