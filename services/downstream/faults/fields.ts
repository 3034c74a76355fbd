import { Type } from 'typebox';
import { ClassName } from '#kit/http/request.ts';

/** A time in ms, up to an hour. */
export const ms = (description: string) => Type.Number({ minimum: 0, maximum: 3_600_000, description });

/** The status of an error. */
export const status = (value: number) =>
  Type.Integer({ default: value, minimum: 400, maximum: 599, description: 'Of the answer.' });

const ratio = Type.Number({
  default: 1,
  exclusiveMinimum: 0,
  maximum: 1,
  description: 'The share of attempts that it strikes, chosen by luck.',
});

/** Whom a fault strikes. */
export const whom = { ratio, class: ClassName('Only requests of this class.') };
