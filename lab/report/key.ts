import type { Result, VariantResult } from '#lab/result/result.ts';
import { type Html, html } from './html.ts';

const colours = 9;
const dashes = ['', '8 4', '2 4', '12 4 2 4', '5 3', '14 5', '1 5', '8 3 2 3 2 3', '3 3'];

/** How a variant is recognised in every chart: a letter, a colour (CSS class) and a dash pattern, so never by colour alone. */
export interface Key {
  readonly letter: string;
  readonly colour: string;
  readonly dash: string;
}

/** The key of the variant at a place in the file. */
export function keyOf(index: number): Key {
  return {
    letter: letters(index),
    colour: `v${(index % colours) + 1}`,
    // Shifted with every round of colours, so that no two variants share both.
    dash: dashes[(index + Math.floor(index / colours)) % dashes.length] ?? '',
  };
}

/** The coloured letter alone, for where the name stands beside it. */
export function badge(index: number): Html {
  const { letter, colour } = keyOf(index);
  return html`<b class="key ${colour}" aria-hidden="true">${letter}</b>`;
}

/** Letter and name of a variant. */
export function named(result: Result, variant: VariantResult): Html {
  return namedAt(result.variants.indexOf(variant), variant.name);
}

/** Letter and name of the variant at a place in the file. */
export const namedAt = (index: number, name: string): Html =>
  html`<span class="variant">${badge(index)}<span>${name}</span></span>`;

/** A, B … Z, AA, AB … */
function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
