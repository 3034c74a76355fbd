import type { Variables } from './placeholders.ts';

/** Function that replaces the values of variables in a text by their placeholders. */
export type Conceal = (text: string) => string;

/**
 * Returns a function that conceals the values of these variables: as they are, in base64, and as JSON and URLs escape
 * them. Undefined without variables.
 */
export function concealing(names: readonly string[], variables: Variables): Conceal | undefined {
  const secrets = names
    .flatMap((name) => writtenForms(variables[name] ?? '').map((form) => ({ form, name })))
    .toSorted((a, b) => b.form.length - a.form.length); // a value may be a part of another one
  if (secrets.length === 0) return undefined;
  return (text) =>
    secrets.reduce((concealed, { form, name }) => concealed.replaceAll(form, `{env:${name}}`), text);
}

function writtenForms(value: string): string[] {
  if (value === '') return [];
  const bytes = Buffer.from(value);
  const inJson = JSON.stringify(value).slice(1, -1);
  const base64 = bytes.toString('base64');
  return [
    ...new Set([
      ...[value, inJson, inJson.replaceAll('/', '\\/'), encodeURIComponent(value)],
      ...[base64, encodeURIComponent(base64), bytes.toString('base64url')],
    ]),
  ];
}
