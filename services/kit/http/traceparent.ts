import { drawFor } from '#kit/random.ts';

/** Version 00 of https://www.w3.org/TR/trace-context/: version, trace id, parent id, flags. */
const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const parentAt = '00-'.length + 32 + '-'.length;

/** A header's value when it is a `traceparent`, and undefined for anything else: what is invalid is not passed on. */
export function readTraceparent(value: unknown): string | undefined {
  return typeof value === 'string' && valid.test(value) ? value : undefined;
}

/** Makes the `traceparent` of each request of a load: the seed's digits, then the request's index. Nobody records it: flags 00. */
export function traceparents(seed: number, purpose: string): (index: number) => string {
  const [a, b, c] = ['a', 'b', 'c'].map((part) => digits(drawFor(seed, purpose, 0, part)));
  return (index) => {
    const number = hex(index);
    return `00-${a}${b}${c}${number}-${c}${number}-00`;
  };
}

/** The same trace with a parent id of its own for one attempt, so that what downstream does can be told apart by attempts. */
export function ofAttempt(traceparent: string, attempt: number): string {
  const id = digits(drawFor(0, traceparent, attempt, 'parent'));
  return traceparent.slice(0, parentAt) + id + traceparent.slice(parentAt + id.length);
}

/** A draw as eight digits, which are never all zero, since an id must not be. */
const digits = (draw: number): string => hex(draw * 2 ** 32 || 1);
const hex = (value: number): string => value.toString(16).padStart(8, '0');
