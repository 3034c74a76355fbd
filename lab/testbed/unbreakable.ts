import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Breakable } from './testbed.ts';

/** For an engine that can't do some of it; experiments that ask for it are refused before they start. */
export function unbreakable(reason: string): Breakable {
  const refuse = async () => {
    throw new TestbedError('not-possible', reason);
  };
  return {
    end: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
    disconnect: refuse,
    reconnect: refuse,
  };
}
