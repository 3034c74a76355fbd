import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { html, named, type Part } from '#lab/show/html.ts';

/** Text in pieces. A variant stands as its result, not as its name, since each output shows variants in its own way. */
export type Words = readonly (string | VariantResult)[];

/** Builds a text from a template whose values may be variants. */
export const say = (
  strings: TemplateStringsArray,
  ...parts: (string | number | VariantResult | Words)[]
): Words =>
  strings
    .flatMap((string, i) => {
      const part = parts[i] ?? '';
      return [string, typeof part === 'number' ? String(part) : part].flat();
    })
    .filter((word) => word !== '');

/** Lists variants or their names: `a, b and c`. Of more than four, lists three and the number of others. */
export function listed(variants: Words): Words {
  const more = variants.length - 3;
  const items: Words = variants.length > 4 ? [...variants.slice(0, 3), `${more} others`] : variants;
  return items.flatMap((item, i) => (i === 0 ? [item] : [i === items.length - 1 ? ' and ' : ', ', item]));
}

export const joined = (all: readonly Words[], separator: string): Words =>
  all.flatMap((words, i) => (i === 0 ? words : [separator, ...words]));

/** Returns a text without markup, in which variants appear by name. */
export const plainWords = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : word.name)).join('');

/** Renders a text; its variants appear with their badges. */
export const shownWords = (result: Result, words: Words): Part =>
  html`${words.map((word) => (typeof word === 'string' ? word : named(result, word)))}`;

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
