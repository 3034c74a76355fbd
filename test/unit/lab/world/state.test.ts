import { expect, test } from 'vitest';
import { stateOf } from '#lab/world/state.ts';

const url = 'http://127.0.0.1:1';
const state = {
  pid: 7,
  started: '123',
  spillway: '1.0.0',
  addresses: {
    control: { downstream: url, gateway: url, publisher: url, consumer: url },
    traffic: { downstream: url, gateway: url, publisher: url },
    natsUrl: 'nats://127.0.0.1:1',
  },
};

test('stateOf reads what up has written', () => {
  expect(stateOf(JSON.stringify(state))).toEqual(state);
});

test.each([
  ['nothing', ''],
  ['half a file', '{"pid":'],
  ['no object', '[]'],
  ['addresses that are none', JSON.stringify({ ...state, addresses: {} })],
])('stateOf refuses %s', (_case, json) => {
  expect(() => stateOf(json)).toThrow();
});
