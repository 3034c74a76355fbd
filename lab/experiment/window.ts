import { parseDuration } from './quantity.ts';

/** A part of the load: by due times as a fault divides it, a phase of it, from one time to another, or one class of requests. */
export type Window =
  | { readonly part: 'before' | 'during' | 'after'; readonly fault: string }
  | { readonly part: 'phase'; readonly phase: string }
  | { readonly part: 'class'; readonly class: string }
  | { readonly part: 'span'; readonly fromMs: number; readonly untilMs: number };

/** `after brownout`, `phase burst`, `class slow` or `2000ms..5000ms`: what results know it by. */
export function printWindow(window: Window): string {
  if (window.part === 'span') return `${window.fromMs === 0 ? 0 : `${window.fromMs}ms`}..${window.untilMs}ms`;
  return `${window.part} ${nameIn(window)}`;
}

/** What its name is the name of is said by its part: a phase, a class, or else a fault. */
export function nameIn(window: Exclude<Window, { part: 'span' }>): string {
  if (window.part === 'phase') return window.phase;
  return window.part === 'class' ? window.class : window.fault;
}

/** Reads a window as it is written in a hypothesis; undefined for anything else. */
export function parseWindow(text: string): Window | undefined {
  const [, part, name] = /^(before|during|after|phase|class) +(\S.*)$/.exec(text) ?? [];
  if (part === 'phase') return { part, phase: name! };
  if (part === 'class') return { part, class: name! };
  if (part !== undefined) return { part: part as 'before', fault: name! };
  const [from, until, more] = text
    .split('..')
    .map((end) => (end.trim() === '0' ? 0 : parseDuration(end.trim())));
  if (from === undefined || until === undefined || more !== undefined || until <= from) return undefined;
  return { part: 'span', fromMs: from, untilMs: until };
}
