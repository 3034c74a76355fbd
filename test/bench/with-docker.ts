import { NoDocker } from '#test/support/docker/daemon.ts';
import { prepareDocker } from '#test/support/docker/prepare.ts';
import type { Bench } from './figure.ts';

/** Prepares Docker before a bench and cleans up after it. Without Docker, reports the reason and skips the bench. */
export const withDocker =
  (bench: Bench): Bench =>
  async (say, options) => {
    const end = await prepareDocker(say).catch((error) => {
      if (!(error instanceof NoDocker)) throw error;
      say(`left out: ${error.message}`);
    });
    return end === undefined ? [] : bench(say, options).finally(end);
  };
