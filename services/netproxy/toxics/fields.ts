import { Type } from 'typebox';

/** A time that may be zero, in ms, up to an hour. */
export const ms = (description: string) =>
  Type.Integer({ default: 0, minimum: 0, maximum: 3_600_000, description });

/** A size in bytes, up to a tebibyte. */
export const bytes = (minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: 2 ** 40, ...(minimum === 0 && { default: 0 }), description });
