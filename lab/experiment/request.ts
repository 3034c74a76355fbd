import { within } from '#kit/schema/problems.ts';
import { type OwnRequest, variableProblems, variablesOf } from '#load/sending/own-request.ts';
import type { Variables } from '#load/sending/placeholders.ts';
import type { LocatedProblem } from './file/source.ts';
import { type Experiment, type ValidParts, type Variant, validEntries } from './schema.ts';

/** Returns the request that a variant sends to a service that isn't Spillway's; undefined if it is the usual one. */
export const requestOf = (
  { request }: Pick<Experiment, 'request'>,
  variant: Pick<Variant, 'request'>,
): OwnRequest | undefined => {
  const given = variant.request ?? request;
  // A proxy forwards the path, and the dependency serves this one.
  return 'command' in variant && variant.command ? { ...forwarded, ...given } : given;
};

const forwarded: OwnRequest = { method: 'POST', path: '/work', headers: {}, insecure: false };

export const requestsIn = ({ request, variants }: Pick<ValidParts, 'request' | 'variants'>) =>
  [{ pointer: '', value: { request } }, ...validEntries('/variants', variants)].flatMap(
    ({ pointer, value }) =>
      value.request ? [{ pointer: `${pointer}/request`, request: value.request }] : [],
  );

/** Reports environment variables that the requests of an experiment need, and that are missing or can't be sent. */
export const unsetVariables = (experiment: Experiment, variables: Variables): LocatedProblem[] =>
  requestsIn(experiment).flatMap(({ pointer, request }) =>
    within(pointer, variableProblems(request, variables)),
  );

export const neededVariables = (experiment: Experiment, variables: Variables): Record<string, string> =>
  Object.fromEntries(
    requestsIn(experiment)
      .flatMap(({ request }) => variablesOf(request))
      .flatMap((name) => (variables[name] === undefined ? [] : [[name, variables[name]]])),
  );
