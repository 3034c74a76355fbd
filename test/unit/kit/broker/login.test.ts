import { expect, test } from 'vitest';
import { loginOf } from '#kit/broker/login.ts';

test.each([
  [undefined, {}],
  ['', {}],
  ['me:secret', { user: 'me', pass: 'secret' }],
  ['me:with:colons', { user: 'me', pass: 'with:colons' }],
  ['me', { user: 'me', pass: '' }],
])('loginOf reads the credentials %j', (credentials, login) => {
  expect(loginOf(credentials)).toEqual(login);
});
