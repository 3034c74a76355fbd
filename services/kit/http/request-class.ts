import { type Static, Type } from 'typebox';
import { drawFor } from '#kit/random.ts';
import { isName, namePattern } from '#kit/schema/name.ts';
import { mapOf } from '#kit/schema/schema.ts';

/** The name of a class of requests, where something is for one class alone. */
export const ClassName = (description: string) =>
  Type.Optional(Type.String({ pattern: namePattern, description }));

/** Shares of the requests, by class; what they leave has none. */
export const Classes = mapOf(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), {
  default: {},
  description:
    'Shares of the requests by class, drawn by luck, the same in every variant: { slow: 0.05 }. Faults of downstream, policies and hypotheses can be about one class.',
});
export type Classes = Readonly<Static<typeof Classes>>;

/** What the header says; undefined where it says nothing that could be a class. */
export const readClass = (header: unknown): string | undefined => (isName(header) ? header : undefined);

/** The class of a request, by luck, so that it is the same in every variant; undefined where it has none. */
export function classOf(classes: Classes, seed: number, id: string): string | undefined {
  let left = drawFor(seed, id, 0, 'class');
  for (const [name, share] of Object.entries(classes)) {
    left -= share;
    if (left < 0) return name;
  }
  return undefined;
}
