import { readClass } from '#kit/request-class.ts';

/** Names of variants, faults and classes: fit for folders and headers, and never taken for a number. */
export const isName = (name: string): boolean => readClass(name) !== undefined;
export const nameExpected =
  'expected a name of at most 40 small letters, digits and hyphens, with a letter in it';
