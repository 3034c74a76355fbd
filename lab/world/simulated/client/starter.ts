import { ClientError, textOf } from '#lab/world/client-error.ts';
import type { StartClient } from '#lab/world/simulated/services.ts';
import { exportedClient, openClient } from '#policies/client.ts';
import type { Client } from '#policies/declared.d.ts';
import type { Policy } from '#policies/policy.ts';
import type { ClientKernel } from './kernel.ts';

/** Address for clients with own HTTP, which are refused when they look it up. */
const url = 'http://downstream.invalid/work';

/**
 * Returns a function that loads a client for each process, so that a restarted process begins with a fresh module. The
 * packages that it imports keep their state.
 */
export function clientStarter(kernel: ClientKernel, path: string): StartClient {
  let starts = 0;
  return (clock) => {
    const start = starts++;
    let loaded: Promise<Client> | undefined;
    return () =>
      kernel.within(clock, async (): Promise<Policy> => {
        loaded ??= kernel.load(path, clock, start).then((module) => exportedClient(module, path));
        const opened = loaded.then((client) => openClient(client, url, clock));
        const policy = await opened.catch((error) => {
          if (error instanceof ClientError) throw error;
          throw new ClientError(`the client can't be opened: ${textOf(error)}`, error);
        });
        return (next) => {
          const call = policy(next);
          return (work, signal) => kernel.within(clock, () => call(work, signal));
        };
      });
  };
}
