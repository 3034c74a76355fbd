import type { Result, VariantResult } from '#lab/result/result.ts';

/** Text in which variants are marked, so that each reader can show them in its own way. */
export type Words = readonly (string | VariantResult)[];

/** What the numbers say, in words. */
export interface Conclusion {
  /** The rule that drew it. */
  readonly rule: string;
  readonly tone: 'good' | 'bad' | 'note';
  readonly title: string;
  /** It says itself when that was, so that what was broken meanwhile explains nothing. */
  readonly dated?: boolean;
  /** One sentence or more each. */
  readonly points: readonly Words[];
}

/** Looks at the numbers and says something, or nothing when its matter is not in them. */
export type Rule = (result: Result) => readonly Conclusion[];

/** Builds words from a template. */
export function say(
  strings: TemplateStringsArray,
  ...parts: (string | number | VariantResult | Words)[]
): Words {
  return strings
    .flatMap((string, i) => {
      const part = parts[i];
      if (part === undefined) return [string];
      return isWords(part) ? [string, ...part] : [string, typeof part === 'number' ? String(part) : part];
    })
    .filter((word) => word !== '');
}

/** `a, b and c`; beyond four, the first three and how many more. */
export function listed(variants: readonly VariantResult[]): Words {
  const shown = variants.length > 4 ? variants.slice(0, 3) : variants;
  const more = variants.length - shown.length;
  const items: Words = more > 0 ? [...shown, `${more} others`] : shown;
  return items.flatMap((item, i) => (i === 0 ? [item] : [i === items.length - 1 ? ' and ' : ', ', item]));
}

const isWords = (part: string | number | VariantResult | Words): part is Words => Array.isArray(part);
