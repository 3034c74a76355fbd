const lengthMax = 60;

export const cut = (text: string, lengthMax: number): string =>
  text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text;

/** Returns a value as JSON, cut off after 60 characters. The time doesn't depend on the size of the value. */
export function shorten(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(pruned(value)) ?? 'nothing');
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 3)}…` : text;
}

/** Copies only the first 60 values, since each value adds at least one character to the JSON text. */
function pruned(value: unknown, budget = { values: lengthMax }): unknown {
  budget.values -= 1;
  if (typeof value === 'string') return value.slice(0, lengthMax);
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const name in value) {
    if (budget.values <= 0) break;
    entries.push([name.slice(0, lengthMax), pruned((value as Record<string, unknown>)[name], budget)]);
  }
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
}
