import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { editorSchema } from '#lab/build/write-schema.ts';
import { experimentText } from '#test/fixtures/experiment.ts';

test('editorSchema is what experiments/schema.json holds; else run `npm run schema`', () => {
  const file = fileURLToPath(new URL('../../../../experiments/schema.json', import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(editorSchema());
});

// Validates as an editor does: fills in no defaults and ignores unknown keywords.
const options = { strict: false, code: { optimize: false } }; // optimizing takes longer than the tests
const validate = new Ajv(options).compile(JSON.parse(editorSchema()));

test('editorSchema lets out what has a default, and nothing else', () => {
  expect(validate(parse(experimentText()))).toBe(true);
  for (const line of [1, 2]) expect(validate(parse(experimentText({ [line]: '' })))).toBe(false);
});

test('editorSchema refuses unknown fields and kinds', () => {
  expect(validate(parse(experimentText({}, 'tilte: x')))).toBe(false);
  expect(validate(parse(experimentText({ 4: '  - arrivals: { kind: burst }' })))).toBe(false);
});
