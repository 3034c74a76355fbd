import { Type } from 'typebox';
import { strict } from './schema.ts';

/** The body of `POST /rpc`, `/events` and `/work`. */
export const WorkBody = strict({
  id: Type.String({ minLength: 1, maxLength: 128, pattern: '^[A-Za-z0-9._:-]+$' }),
  payload: Type.Optional(Type.Unknown()),
});
