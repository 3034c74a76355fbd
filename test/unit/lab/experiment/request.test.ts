import { expect, test } from 'vitest';
import { neededVariables, requestOf, requestsIn, unsetVariables } from '#lab/experiment/request.ts';
import { parsed } from '#test/fixtures/experiment.ts';

const experiment = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
request: { path: '/{env:A}' }
variants:
  usual: { path: rpc }
  other: { path: rpc, request: { headers: { authorization: '{env:B}' } } }
`);
const { usual, other } = experiment.variants;

test('requestOf takes the request of the variant before that of the experiment', () => {
  expect(requestOf(experiment, usual!)?.path).toBe('/{env:A}');
  expect(requestOf(experiment, other!)?.path).toBeUndefined();
  expect(requestOf({}, usual!)).toBeUndefined();
});

test('requestsIn has all requests with their pointers', () => {
  expect(requestsIn(experiment).map(({ pointer }) => pointer)).toEqual([
    '/request',
    '/variants/other/request',
  ]);
});

test('unsetVariables names the place of each variable that is not set', () => {
  expect(unsetVariables(experiment, { A: 'a' })).toEqual([
    {
      pointer: '/variants/other/request/headers/authorization',
      message: 'the environment variable B is not set',
    },
  ]);
  expect(unsetVariables(experiment, { A: 'a', B: 'b' })).toEqual([]);
});

test('neededVariables has the variables of all requests that are set, and no others', () => {
  expect(neededVariables(experiment, { A: 'a', C: 'c' })).toEqual({ A: 'a' });
  expect(neededVariables(experiment, { A: 'a', B: 'b' })).toEqual({ A: 'a', B: 'b' });
});
