import { number } from './format.ts';

/** `391/s`; three digits are more than anybody can measure. */
export const rate = (perSecond: number): string => `${number(Number(perSecond.toPrecision(3)))}/s`;
