export type Variables = Readonly<Record<string, string | undefined>>;

/** `{env:NAME}`, which stands for the value of an environment variable. */
const variable = /\{env:([A-Za-z_]\w{0,99})\}/g;
const known = /^\{(?:id|env:[A-Za-z_]\w{0,99})\}$/;
/**
 * Braces around a word, or a variable that no brace ends. JSON has a quote or a space after a brace, so it isn't taken
 * for a placeholder. The bounds keep the time for matching linear.
 */
const like = /\{[A-Za-z_][\w.:-]{0,199}\}|\{env:\w{0,100}/g;

export const variablesIn = (text: string): string[] =>
  Array.from(text.matchAll(variable), ([, name]) => name!);

export const unknownPlaceholder = (text: string): string | undefined =>
  Array.from(text.matchAll(like), ([found]) => found).find((found) => !known.test(found));

/** Replaces the variables in a text by their values. The variables must be set. */
const withValues = (text: string, variables: Variables): string =>
  text.replaceAll(variable, (_, name: string) => variables[name]!);

/** Returns a function that replaces variables and id in a text. A value that contains `{id}` stays as it is. */
export function filler(text: string, variables: Variables): (id: string) => string {
  const pieces = text.split('{id}').map((piece) => withValues(piece, variables));
  return (id) => pieces.join(id);
}
