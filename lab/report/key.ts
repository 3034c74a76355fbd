import type { Result, VariantResult } from '#lab/result/result.ts';
import { type Html, html } from './html.ts';

const colours = 9;
const dashes = ['', '8 4', '2 4', '12 4 2 4', '5 3', '14 5', '1 5', '8 3 2 3 2 3', '3 3'];

/** Marks of a variant in every chart, never a colour alone: a letter, a colour (CSS class) and a dash pattern. */
export interface Key {
  readonly letter: string;
  readonly colour: string;
  readonly dash: string;
}

/** Returns the key of the variant at an index. */
export function keyOf(index: number): Key {
  return {
    letter: letters(index),
    colour: `v${(index % colours) + 1}`,
    // Shifted with every round of colours, so that no two variants share both.
    dash: dashes[(index + Math.floor(index / colours)) % dashes.length] ?? '',
  };
}

/** Renders the coloured letter alone. */
export function badge(index: number): Html {
  const { letter, colour } = keyOf(index);
  return html`<b class="key ${colour}" aria-hidden="true">${letter}</b>`;
}

/** Renders letter and name of a variant. */
export function named(result: Result, variant: VariantResult): Html {
  return namedAt(result.variants.indexOf(variant), variant.name);
}

/** Renders letter and name of the variant at an index. */
export const namedAt = (index: number, name: string): Html =>
  html`<span class="variant">${badge(index)}<span>${name}</span></span>`;

/** A, B … Z, AA, AB … */
function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
