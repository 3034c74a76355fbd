/** Characters that move a terminal's cursor or change its state, except line breaks and tabs. */
const controls = /\r(?!\n)|[^\P{Cc}\t\n\r]/gu;

/** Replaces control characters in every string of a value by escape sequences such as `\\u001b`. */
export function printable<T>(value: T): T;
export function printable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(controls, escaped);
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [printable(name), printable(inner)]),
  );
}

const escaped = (control: string): string => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
