import type { Result, VariantResult } from '#lab/result/result.ts';

/** Text with marked variants, which each output shows in its own way. */
export type Words = readonly (string | VariantResult)[];

/** A finding of a rule, in words. */
export interface Conclusion {
  readonly rule: string;
  readonly tone: 'good' | 'bad' | 'note';
  readonly title: string;
  /** True if it says itself when it happened, so that a fault at another time explains nothing. */
  readonly dated?: boolean;
  /** At least one sentence each. */
  readonly points: readonly Words[];
}

/** Draws conclusions from a result; none if it doesn't apply. */
export type Rule = (result: Result) => readonly Conclusion[];

/** Makes a conclusion; none without points. */
export const conclude = (
  rule: string,
  tone: Conclusion['tone'],
  title: string,
  points: readonly Words[],
): Conclusion[] => (points.length === 0 ? [] : [{ rule, tone, title, points }]);

/** Builds words from a template. */
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

/** `a, b and c`; beyond four, the first three and how many more. */
export function listed(variants: readonly VariantResult[]): Words {
  const shown = variants.length > 4 ? variants.slice(0, 3) : variants;
  const more = variants.length - shown.length;
  const items: Words = more > 0 ? [...shown, `${more} others`] : shown;
  return items.flatMap((item, i) => (i === 0 ? [item] : [i === items.length - 1 ? ' and ' : ', ', item]));
}
