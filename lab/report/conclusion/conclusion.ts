import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration } from '#lab/text/format.ts';

/** Text in pieces. A variant stands as its result, not as its name, since each output shows variants in its own way. */
export type Words = readonly (string | VariantResult)[];

/** A finding of a rule, in words. */
export interface Conclusion {
  readonly tone: 'good' | 'bad' | 'note';
  readonly title: string;
  /** At least one sentence each. */
  readonly points: readonly Words[];
}

/** Draws conclusions from a result; none if the rule doesn't apply. */
export type Rule = (result: Result) => readonly Conclusion[];

/** Makes a conclusion, or none if there are no points. */
export function conclude(
  tone: Conclusion['tone'],
  title: string,
  ...points: readonly (Words | false)[]
): Conclusion[] {
  const made = points.filter((point) => point !== false);
  return made.length === 0 ? [] : [{ tone, title, points: made }];
}

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

/** Returns the name of a window. A phase without a name has only its number, so its span is added. */
export function windowText({ windows }: VariantResult, name: string): string {
  const span = /\bphase \d+$/.test(name) && windows.find((window) => window.name === name)?.span;
  return span ? `${name} (${duration(span.fromMs)} to ${duration(span.untilMs)})` : name;
}

export const joined = (all: readonly Words[], separator: string): Words =>
  all.flatMap((words, i) => (i === 0 ? words : [separator, ...words]));

/** Returns a text without markup, in which variants appear by name. */
export const plainWords = (words: Words): string =>
  words.map((word) => (typeof word === 'string' ? word : word.name)).join('');

export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
