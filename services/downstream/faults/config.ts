import type { Static, TObject } from 'typebox';
import { taggedKinds } from '#kit/schema/schema.ts';
import type { ApplicationFault } from './application-fault.ts';
import { brownout } from './brownout.ts';
import { failure } from './failure.ts';
import { freeze } from './freeze.ts';
import { hang } from './hang.ts';
import { latency } from './latency.ts';
import { malformed } from './malformed.ts';
import { poison } from './poison.ts';
import { reset } from './reset.ts';
import { slowBody } from './slow-body.ts';
import { slowErrors } from './slow-errors.ts';
import { truncated } from './truncated.ts';

/** Faults that decide how an answer is delivered. Of several in force the last one does. */
const deliveries = masking({ 'slow-body': slowBody, malformed, truncated, reset, hang });

/** Every fault of the application, in the order in which they act on an attempt; a new one is a file and a line here. */
export const applicationFaults = {
  freeze,
  brownout,
  latency,
  failure,
  poison,
  'slow-errors': slowErrors,
  ...deliveries,
};

export const ApplicationFaultOptions = taggedKinds(applicationFaults);
export type ApplicationFaultOptions = Static<typeof ApplicationFaultOptions>;

/** Makes each fault mask those before it where it affects all of their attempts. */
function masking<K extends Record<string, ApplicationFault<TObject>>>(kinds: K): K {
  const entries = Object.entries(kinds).map(([name, kind], index, all) => {
    const before = all.slice(0, index).map(([name]) => name);
    const masks = ({ ratio = 1, class: own }: Scoped, other: Scoped & { kind?: string }) =>
      before.includes(other.kind ?? '') && ratio === 1 && (own === undefined || own === other.class);
    return [name, { ...kind, masks }];
  });
  return Object.fromEntries(entries);
}
type Scoped = { ratio?: number; class?: string };
