import type { Variables } from './placeholders.ts';

/** Function that replaces the values of variables in a text by their placeholders. */
export type Conceal = (text: string) => string;

/**
 * Returns a function that conceals the values of these variables: as they are or in base64, with any of their characters
 * escaped as in JSON or URLs. Undefined without variables.
 */
export function concealing(names: readonly string[], variables: Variables): Conceal | undefined {
  const secrets = names
    .flatMap((name) => forms(variables[name] ?? '').map((form) => ({ form, name })))
    .toSorted((a, b) => b.form.length - a.form.length) // a value may be a part of another one
    .map(({ form, name }) => ({ written: new RegExp([...form].map(written).join(''), 'gu'), name }));
  if (secrets.length === 0) return undefined;
  return (text) =>
    secrets.reduce((concealed, { written, name }) => concealed.replaceAll(written, `{env:${name}}`), text);
}

function forms(value: string): string[] {
  const bytes = Buffer.from(value);
  return [...new Set([value, bytes.toString('base64'), bytes.toString('base64url')])].filter((form) => form);
}

/** Returns a pattern for a character, as it is or escaped. JSON within JSON has more backslashes, and a URL within one %25. */
function written(char: string): string {
  const short = JSON.stringify(char).slice(2, -1);
  const units = Array.from(
    { length: char.length },
    (_, index) => `\\\\{1,4}u${hex(char.charCodeAt(index), 4)}`,
  );
  const bytes = Array.from(Buffer.from(char), (byte) => `%(?:25)?${hex(byte, 2)}`);
  return `(?:${[
    `\\\\{0,4}${literal(char)}`,
    ...(short.length === 1 ? [`\\\\{1,4}${literal(short)}`] : []),
    ...[units.join(''), bytes.join('')],
    ...(char === ' ' ? ['\\+'] : []),
  ].join('|')})`;
}

const literal = (char: string): string => `\\u{${char.codePointAt(0)!.toString(16)}}`;
const hex = (code: number, digits: number): string =>
  code
    .toString(16)
    .padStart(digits, '0')
    .replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
