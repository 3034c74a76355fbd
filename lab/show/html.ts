import type { Result, VariantResult } from '#lab/judge/result/result.ts';

/** Markup, already escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value in a template. Texts are escaped; `null` and `false` render as nothing. */
export type Part = Html | string | number | null | false | readonly Part[];

/** Builds markup in which every interpolated text is escaped. Attribute values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, i) => text + render(parts[i - 1] ?? null) + string));
}

/** Characters that elements and quoted attributes escape, in HTML and XML. */
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Renders a value as JSON in a script element. Escapes `<`, so that no text in the value can close the element. */
export function jsonElement(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="${id}">${new Html(json)}</script>`;
}

/** Renders names and values as elements of a description list. Omits empty values. */
export const pairs = (values: Readonly<Record<string, Part>>): Part =>
  Object.entries(values).map(([name, value]) => value && html`<div><dt>${name}</dt><dd>${value}</dd></div>`);

function render(part: Part): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return String(part).replaceAll(/[&<>"']/g, (char) => entities[char]!);
}

const colours = 9;
const dashes = ['', '8 4', '2 4', '12 4 2 4', '5 3', '14 5', '1 5', '8 3 2 3 2 3', '3 3'];

/**
 * Returns the marks of the variant at an index: a letter, a colour (CSS class) and a dash pattern, not only a colour.
 */
export function keyOf(index: number) {
  return {
    letter: letters(index),
    colour: `v${(index % colours) + 1}`,
    // Shifts the dash each time the colours repeat, so that no two variants share both colour and dash.
    dash: dashes[(index + Math.floor(index / colours)) % dashes.length] ?? '',
  };
}

export function badge(index: number): Html {
  const { letter, colour } = keyOf(index);
  return html`<b class="key ${colour}" aria-hidden="true">${letter}</b>`;
}

export const named = (result: Result, { name }: Pick<VariantResult, 'name'>): Html =>
  namedAt(
    result.variants.findIndex((each) => each.name === name),
    name,
  );

export const namedAt = (index: number, name: string): Html =>
  html`<span class="variant">${badge(index)}<span>${name}</span></span>`;

/** Returns A, B … Z, AA, AB … for 0, 1 … */
function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
