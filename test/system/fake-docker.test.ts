import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startCompose } from '#lab/testbed/compose/compose.ts';
import { untilListening, untilReady } from '#lab/testbed/readiness.ts';
import { defaultBroker } from '#lab/topology/broker-options.ts';
import { testFolder } from '#test/support/folder.ts';

vi.mock('#lab/testbed/readiness.ts', { spy: true });

/**
 * A testbed by a `docker` whose every container has the same addresses, which pauses none, and cuts none off from
 * `its-other`.
 */
async function startFake() {
  const folder = testFolder();
  const docker = `#!/bin/sh
case "$*" in
  "network inspect "*) printf '%s\\n' 10.9.0.0/28 10.9.0.16/28 10.9.0.32/28 10.9.0.48/28 ;;
  "network disconnect its-network "*) touch '${folder}/cut' ;;
  "network connect "*" its-network "*) rm '${folder}/cut' ;;
  "network disconnect "* | "network connect "* | "pause "* | "unpause "*) exit 1 ;;
  "inspect --format {{.State.Paused}} "*) echo false ;;
  "inspect "*)
    test -e '${folder}/cut' || mine='"its-network":{"IPAddress":"127.0.0.77"},'
    echo "{$mine\\"its-other\\":{\\"IPAddress\\":\\"127.0.0.78\\"}}" ;;
  *" ps "*) echo id ;;
  "compose version --short") echo 2.40.0 ;;
  "events "*) exec sleep 600 ;;
esac
`;
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  // Nothing runs in these containers.
  vi.mocked(untilReady).mockResolvedValue(undefined);
  vi.mocked(untilListening).mockResolvedValueOnce();
  const testbed = await startCompose({ logFolder: folder });
  onTestFinished(() => testbed.stop());
  return testbed;
}

test('a broker in a container is restarted once it takes connections', async () => {
  const testbed = await startFake();
  await testbed.end('nats', 'SIGKILL');
  vi.mocked(untilListening).mockRejectedValueOnce(new Error('it does not listen'));
  await expect(testbed.restart('nats', defaultBroker)).rejects.toThrow('it does not listen');
  expect(untilListening).toHaveBeenLastCalledWith('nats', 'nats://127.0.0.77:4222', expect.anything());
  vi.mocked(untilListening).mockResolvedValueOnce();
  await testbed.restart('nats', defaultBroker);
});

test('a container that could not be cut off from all of its networks is connected to those that it has left', async () => {
  const testbed = await startFake();
  await expect(testbed.disconnect('consumer')).rejects.toThrow('docker network');
  await testbed.reconnect('consumer');
  // And not to one that it is on.
  await testbed.reconnect('consumer');
});

test('a container that could not be paused goes on', async () => {
  const testbed = await startFake();
  await expect(testbed.pause('consumer')).rejects.toThrow('docker pause');
  await testbed.resume('consumer');
});
