const lengthMax = 60;

export const cut = (text: string, lengthMax: number): string =>
  text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text;

/** Returns a value as JSON, cut off after 60 characters. */
export function shorten(value: unknown): string {
  if (typeof value === 'number') return String(value); // JSON has no infinity
  const text = JSON.stringify(beginOf(value, lengthMax)) ?? 'nothing';
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 3)}…` : text;
}

/** Copies the first entries and levels of a value, since each adds at least one character to its JSON text. */
function beginOf(value: unknown, most: number): unknown {
  if (typeof value === 'string') return value.slice(0, lengthMax);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).slice(0, most);
  const begun = entries.map(([name, inner]) => [name.slice(0, lengthMax), beginOf(inner, most - 1)]);
  return Array.isArray(value) ? begun.map(([, inner]) => inner) : Object.fromEntries(begun);
}
