import { expect, test } from 'vitest';
import { addressesOf } from '#lab/world/attach/attach.ts';
import type { Addresses, EngineOptions } from '#lab/world/testbed.ts';

const up: Addresses = {
  control: {
    downstream: 'http://d:1',
    gateway: 'http://g:1',
    publisher: 'http://p:1',
    consumer: 'http://c:1',
  },
  traffic: { gateway: 'http://g:0', publisher: 'http://p:0' },
  natsUrl: 'nats://n:0',
};
const options = (change: Partial<EngineOptions> = {}): EngineOptions => ({
  urls: {},
  ownConsumer: false,
  ...change,
});

test('addressesOf takes the testbed that is up', () => {
  expect(addressesOf(options(), up)).toMatchObject(up);
});

test("addressesOf takes a service without a control port for one that is not Spillway's", () => {
  const { control, traffic } = addressesOf(options({ urls: { gateway: 'http://mine:0' } }), up);
  expect(traffic).toEqual({ gateway: 'http://mine:0', publisher: 'http://p:0' });
  expect(Object.keys(control)).toEqual(['downstream', 'publisher', 'consumer']);
});

test('addressesOf takes a service with a control port for one of ours', () => {
  const urls = { gateway: 'http://other:0', 'gateway-control': 'http://other:1' };
  expect(addressesOf(options({ urls }), up)).toMatchObject({
    control: { ...up.control, gateway: 'http://other:1' },
    traffic: { gateway: 'http://other:0' },
  });
});

test("addressesOf leaves out the consumer if the user's own replaces it", () => {
  expect(Object.keys(addressesOf(options({ ownConsumer: true }), up).control)).not.toContain('consumer');
});

test('addressesOf prefers the secrets that were given', () => {
  const secrets = { controlToken: 'token', natsCredentials: 'user:password' };
  expect(addressesOf(options(secrets), { ...up, controlToken: 'other' })).toMatchObject(secrets);
});

test('addressesOf gives the login of the broker that is up to no other broker', () => {
  const withLogin = { ...up, natsCredentials: 'user:password' };
  expect(addressesOf(options(), withLogin).natsCredentials).toBe('user:password');
  const other = addressesOf(options({ urls: { nats: 'nats://other:0' } }), withLogin);
  expect(other.natsCredentials).toBeUndefined();
});

test('addressesOf says what is missing, everything at once', () => {
  expect(() => addressesOf(options({ urls: { nats: 'nats://n:0' } }), undefined)).toThrow(
    'or name these with --url: downstream-control, gateway, publisher',
  );
});
