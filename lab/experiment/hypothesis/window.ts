import { parseDuration } from './quantity.ts';

/**
 * A part of the load: by due times as a fault divides it, a phase of it or what follows one, or from one time to another,
 * and of these perhaps only the requests of a class; or all the requests of a class.
 */
export type Window = (
  | { readonly part: 'before' | 'during' | 'after'; readonly fault: string }
  | { readonly part: 'phase' | 'after phase'; readonly phase: string }
  | { readonly part: 'class'; readonly class: string }
  | { readonly part: 'span'; readonly fromMs: number; readonly untilMs: number }
) & { readonly class?: string };

/** `after brownout`, `phase burst`, `after phase burst`, `class slow`, `2000ms..5000ms` or `0..1000ms, class slow`: what results know it by. */
export function printWindow(window: Window): string {
  const time =
    window.part === 'span'
      ? `${window.fromMs === 0 ? 0 : `${window.fromMs}ms`}..${window.untilMs}ms`
      : `${window.part} ${nameIn(window)}`;
  return window.part === 'class' || window.class === undefined ? time : `${time}, class ${window.class}`;
}

/** The requests of a class in another window; undefined where that is not what the two are. */
export function intersect(one: Window, other: Window): Window | undefined {
  if (one.part === 'class') return other.part === 'class' ? undefined : intersect(other, one);
  return other.part === 'class' && one.class === undefined ? { ...one, class: other.class } : undefined;
}

/** What its name is the name of is said by its part: a phase, a class, or else a fault. */
export function nameIn(window: Exclude<Window, { part: 'span' }>): string {
  if ('phase' in window) return window.phase;
  return window.part === 'class' ? window.class : window.fault;
}

/** Reads a window as it is written in a hypothesis; undefined for anything else. */
export function parseWindow(text: string): Window | undefined {
  const [, words, name] = /^(before|during|after(?: +phase)?|phase|class) +(\S.*)$/.exec(text) ?? [];
  const part = words?.replace(/ +/, ' ');
  if (part === 'phase' || part === 'after phase') return { part, phase: name! };
  if (part === 'class') return { part, class: name! };
  if (part !== undefined) return { part: part as 'before', fault: name! };
  const [from, until, more] = text
    .split('..')
    .map((end) => (/^0 *(ms|s)?$/.test(end.trim()) ? 0 : parseDuration(end.trim())));
  if (from === undefined || until === undefined || more !== undefined || until <= from) return undefined;
  return { part: 'span', fromMs: from, untilMs: until };
}
