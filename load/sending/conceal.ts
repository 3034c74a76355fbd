import type { Variables } from './placeholders.ts';

/** Function that replaces the values of variables in a text by their placeholders. */
export type Conceal = (text: string) => string;

/**
 * Returns a function that conceals the values of these variables. It finds a value as it is, in base64, and with any of
 * its characters escaped as in JSON or URLs. Undefined without variables.
 */
export function concealing(names: readonly string[], variables: Variables): Conceal | undefined {
  const secrets = names.flatMap((name) =>
    writtenForms(variables[name] ?? '').map((form) => ({ chars: [...form], placeholder: `{env:${name}}` })),
  );
  if (secrets.length === 0) return undefined;
  // A secret begins with its first character or with an escape.
  const first = secrets.map(({ chars: [char] }) => `\\u{${char!.codePointAt(0)!.toString(16)}}`);
  const begin = new RegExp(`[\\\\%+${first.join('')}]`, 'gu');
  return (text) => {
    let concealed = '';
    let from = 0;
    begin.lastIndex = 0;
    for (let match = begin.exec(text); match; match = begin.exec(text)) {
      let [end, placeholder] = [match.index, ''];
      for (const secret of secrets) {
        // A value may be a part of another one.
        const secretEnd = endOf(secret.chars, text, match.index);
        if (secretEnd > end) [end, placeholder] = [secretEnd, secret.placeholder];
      }
      if (end === match.index) continue;
      concealed += text.slice(from, match.index) + placeholder;
      from = end;
      begin.lastIndex = end;
    }
    return concealed + text.slice(from);
  };
}

/** Returns a value as it is, in base64, and as a part of a text in base64. */
function writtenForms(value: string): string[] {
  if (value === '') return [];
  const forms = new Set([value]);
  for (const encoding of ['base64', 'base64url'] as const) {
    forms.add(Buffer.from(value).toString(encoding));
    for (const before of [0, 1, 2]) {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
      // Characters at the ends also depend on the text around the value.
      const part = bytes
        .toString(encoding)
        .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
      if (part.length >= partCharsMin) forms.add(part);
    }
  }
  return [...forms];
}

/** Shorter parts occur by chance. */
const partCharsMin = 4;

/** Numbers of backslashes that stand for one: in plain text, in JSON, and in JSON within JSON. */
const backslashes = [1, 2, 4];

/** Returns the end of the longest occurrence of `chars` that begins at `from`; -1 without any. */
function endOf(chars: readonly string[], text: string, from: number): number {
  const possible = text.includes('\\', from) ? backslashes : [1];
  return Math.max(...possible.map((perBackslash) => endOfOne(chars, text, from, perBackslash)));
}

function endOfOne(chars: readonly string[], text: string, from: number, perBackslash: number): number {
  // Several ends are possible, since a % may stand for itself or begin an escape.
  let ends = new Set([from]);
  for (const char of chars) {
    const next = new Set<number>();
    for (const at of ends) addEnds(next, char, text, at, perBackslash);
    if (next.size === 0) return -1;
    ends = next;
  }
  return Math.max(...ends);
}

/** Adds where a character may end that begins at `at`, as it is or escaped. */
function addEnds(ends: Set<number>, char: string, text: string, at: number, perBackslash: number): void {
  if (char === '\\' && text.startsWith(char.repeat(perBackslash), at))
    return void ends.add(at + perBackslash);
  let begin = at;
  while (text[begin] === '\\' && begin - at < perBackslash - 1) begin++;
  if (text.startsWith(char, begin)) ends.add(begin + char.length);
  if (begin === at && !'%+'.includes(text[at]!)) return;
  const form = escapeOf(char, begin > at);
  form.lastIndex = begin;
  if (form.test(text)) ends.add(form.lastIndex);
}

const known: Readonly<Record<'strings' | 'urls', Map<string, RegExp>>> = {
  strings: new Map(),
  urls: new Map(),
};

/** Returns an expression for the escapes of a character, in strings after their backslash. */
function escapeOf(char: string, inString: boolean): RegExp {
  const map = inString ? known.strings : known.urls;
  const form = map.get(char) ?? new RegExp((inString ? inStrings : inUrls)(char).join('|'), 'iy');
  map.set(char, form);
  return form;
}

const letters: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
};

/** Returns patterns for the escapes of a character in strings of JSON and JavaScript, after the backslash. */
function inStrings(char: string): string[] {
  const hex = hexOf(char.codePointAt(0)!);
  const units = Array.from({ length: char.length }, (_, index) => `u${hexOf(char.charCodeAt(index), 4)}`);
  return [units.join('\\\\{1,3}'), `u\\{0*${hex}\\}`, `x${hex}`, ...(letters[char] ?? [])];
}

/** Returns patterns for the escapes of a character in URLs. What is escaped twice has another %25. */
function inUrls(char: string): string[] {
  const bytes = Array.from(Buffer.from(char), (byte) => `%(?:25){0,2}${hexOf(byte)}`);
  return [bytes.join(''), ...(char === ' ' ? ['\\+'] : [])];
}

const hexOf = (code: number, digits = 2): string => code.toString(16).padStart(digits, '0');
