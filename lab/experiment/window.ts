import { parseDuration } from './quantity.ts';

/** A part of the load, by due times: as a fault divides it, a phase of it, or from one time to another. */
export type Window =
  | { readonly part: 'before' | 'during' | 'after'; readonly fault: string }
  | { readonly part: 'phase'; readonly phase: string }
  | { readonly part: 'span'; readonly fromMs: number; readonly untilMs: number };

/** `after brownout`, `phase burst` or `2000ms..5000ms`: what results know it by. */
export function printWindow(window: Window): string {
  if (window.part === 'span') return `${window.fromMs === 0 ? 0 : `${window.fromMs}ms`}..${window.untilMs}ms`;
  return `${window.part} ${window.part === 'phase' ? window.phase : window.fault}`;
}

/** Reads a window as it is written in a hypothesis; undefined for anything else. */
export function parseWindow(text: string): Window | undefined {
  const [, part, name] = /^(before|during|after|phase) +(\S.*)$/.exec(text) ?? [];
  if (part === 'phase') return { part, phase: name! };
  if (part !== undefined) return { part: part as 'before', fault: name! };
  const [from, until, more] = text
    .split('..')
    .map((end) => (end.trim() === '0' ? 0 : parseDuration(end.trim())));
  if (from === undefined || until === undefined || more !== undefined || until <= from) return undefined;
  return { part: 'span', fromMs: from, untilMs: until };
}
