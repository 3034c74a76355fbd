import { expect, test } from 'vitest';
import { OpenRequests } from '#load/sending/open-requests.ts';
import { Request } from '#load/sending/request.ts';

const all = [0, 1, 2, 3].map((index) => new Request(`r${index}`, index, 10 * index));
const [first, second, third, last] = all as [Request, Request, Request, Request];

function open(byId: boolean) {
  const requests = new OpenRequests<string>({ byId });
  for (const request of all) requests.add(request);
  return requests;
}

test.each([[[first]], [[second, last]], [[last, first]], [all]])(
  'OpenRequests without removed ones returns the rest in order: case %#',
  (removed) => {
    const requests = open(false);
    for (const request of removed) requests.remove(request);
    const rest = all.filter((request) => !removed.includes(request));
    expect(requests.inOrder()).toEqual(rest);
    expect(requests.size).toBe(rest.length);
  },
);

test('OpenRequests.get finds open requests only', () => {
  const requests = open(true);
  requests.remove(second);
  expect([requests.get('r1'), requests.get('r2'), requests.get('r9')]).toEqual([undefined, third, undefined]);
});
