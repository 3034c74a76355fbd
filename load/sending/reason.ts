import { parseJson } from '#kit/json.ts';
import { cut } from '#kit/schema/shorten.ts';
import { withoutPasswords } from '#kit/urls.ts';

const charsMax = 120;
const bodyBytesMax = 4096;

/** Returns the reason for an answer that is no success: `502: downstream failed`. `body` is latin1. */
export function answerReason(status: number, body: string): string {
  const text = Buffer.from(body.slice(0, bodyBytesMax), 'latin1').toString('utf8');
  const said = textOf(body.length > bodyBytesMax ? undefined : parseJson(text)) ?? text;
  return short(said.trim() === '' ? String(status) : `${status}: ${said}`);
}

/** Shortens a reason to one line without markup, control characters and credentials. */
export function short(reason: string): string {
  const line = withoutPasswords(reason)
    .replaceAll(/<(style|script)\b[\s\S]*?<\/\1>|<[a-z!/][^>]*>/gi, ' ')
    .replaceAll(/\p{Cc}|\s+/gu, ' ')
    .replaceAll(/\b(bearer|basic) +\S+/gi, '$1 …')
    .replaceAll(/((?:password|passwd|secret|token|api[_-]?key)"?\s*[:=]\s*)("[^"]*"?|[^\s,;}]+)/gi, '$1…')
    .replaceAll(/ +/g, ' ')
    .trim();
  return cut(line, charsMax);
}

/** Returns the text of a problem (RFC 9457) or another error in JSON. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { title, detail, error, message } = value as Record<string, unknown>;
  const parts = [title, detail].filter((part) => typeof part === 'string');
  return parts.length > 0 ? parts.join(': ') : (textOf(error) ?? textOf(message));
}
