import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { startChild } from '#lab/world/process/launch.ts';
import { folders } from './folder.ts';

/**
 * Returns a function that resolves with a testbed shared by all tests of a file, and functions to control it.
 * Starts the testbed at the first call.
 */
export function sharedUp(): () => ReturnType<typeof startIn> {
  const newFolder = folders();
  let starting: ReturnType<typeof startIn> | undefined;
  afterAll(async () => (await starting)?.stop());
  return () => {
    starting ??= startIn(newFolder());
    return starting;
  };
}

/** Returns the flags that attach a command to URLs. */
export const urlFlags = (urls: Readonly<Record<string, string>>): string[] =>
  Object.entries(urls).flatMap(([part, url]) => ['--url', `${part}=${url}`]);

/** Returns an example of an own service as text, with wide limits, since the tests compare only counts. */
export const ownExample = (name: string): string =>
  readFileSync(new URL(`../fixtures/own/${name}.yaml`, import.meta.url), 'utf8')
    .replace(/(lagP99Ms|sleepExcessP99Ms|stallMs): 50$/gm, '$1: 60000')
    .replace(/^(deadlineMs|drainMs): .*$/gm, '$1: 60000')
    .replace(/^validity:/m, 'validity:\n  faultDelayMs: 60000')
    .replace(/^load:/m, 'warmup: { requests: 25 }\nload:');

async function startIn(folder: string) {
  const testbed = await startLocal({ logFolder: folder });
  const { control, traffic, natsUrl, natsCredentials, consumerLoginFile } = testbed;
  return {
    ...testbed,
    control,
    traffic,
    natsUrl,
    natsCredentials: natsCredentials!,
    consumerLoginFile: consumerLoginFile!,
    urls: {
      gateway: traffic.gateway,
      publisher: traffic.publisher,
      nats: natsUrl,
      'downstream-control': control.downstream,
      'gateway-control': control.gateway,
      'publisher-control': control.publisher,
      'consumer-control': control.consumer,
    },
    /** Configurations of all services. */
    configs: () =>
      Promise.all(Object.values(control).map(async (url) => (await fetch(`${url}/config`)).json())),
    kill: (name: ServiceName) => testbed.end(name, 'SIGKILL'),
    /** Starts a killed service again, on the same ports. */
    restart: (name: ServiceName) => testbed.restart(name, {}),
    stop: () => testbed.stop(),
    /** Starts a program of test/fixtures/own. Resolves with the port that it prints, or 0. */
    async own(name: string, env: Record<string, string>): Promise<number> {
      const file = fileURLToPath(new URL(`../fixtures/own/${name}`, import.meta.url));
      const { ports, stop } = await startChild(
        {
          name,
          file: name.endsWith('.py') ? 'python3' : process.execPath,
          args: [file],
          env,
          logFile: join(folder, `own-${name}.log`),
          ready: (line) => ({ traffic: Number(/\d+$/.exec(line)?.[0] ?? 0) }),
        },
        testbed.guard,
      );
      onTestFinished(() => stop());
      return ports.traffic!;
    },
  };
}
