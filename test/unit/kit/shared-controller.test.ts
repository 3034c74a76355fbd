import { getMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { sharedController } from '#kit/shared-controller.ts';

test('sharedController has a signal without a limit of listeners', () => {
  expect(getMaxListeners(sharedController().signal)).toBe(0);
});
