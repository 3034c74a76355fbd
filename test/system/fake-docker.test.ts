import { expect, onTestFinished, test, vi } from 'vitest';
import { defaultBroker } from '#lab/experiment/topology/broker-options.ts';
import { startCompose } from '#lab/world/compose/compose.ts';
import { watchContainerEnds } from '#lab/world/compose/docker.ts';
import { Guard } from '#lab/world/process/guard.ts';
import * as readiness from '#lab/world/readiness.ts';
import { fakeDocker } from '#test/support/fake-docker.ts';
import { testFolder } from '#test/support/folder.ts';

/** Starts a testbed with a fake `docker`. All its containers have the same addresses. It fails to pause a container. */
async function startFake() {
  const folder = testFolder();
  const docker = `case "$*" in
  "network inspect "*) printf '%s\\n' 10.9.0.0/28 10.9.0.16/28 10.9.0.32/28 10.9.0.48/28 ;;
  "pause "* | "unpause "*) exit 1 ;;
  "inspect --format {{.State.Paused}} "*) echo false ;;
  "inspect "*) echo '{"its-network":{"IPAddress":"127.0.0.77"}}' ;;
  *" ps "*) echo id ;;
  "compose version --short") echo 2.40.0 ;;
  "events "*) exec sleep 600 ;;
esac`;
  fakeDocker(docker, folder);
  // Readiness checks succeed at once, since these containers have no processes.
  vi.spyOn(readiness, 'untilReady').mockResolvedValue(undefined);
  const listening = vi.spyOn(readiness, 'untilListening').mockResolvedValueOnce();
  onTestFinished(() => void vi.restoreAllMocks());
  const testbed = await startCompose({ logFolder: folder });
  onTestFinished(() => testbed.stop());
  return { testbed, listening };
}

test('a broker in a container is restarted once it takes connections', async () => {
  const { testbed, listening } = await startFake();
  await testbed.end('nats', 'SIGKILL');
  listening.mockRejectedValueOnce(new Error('it does not listen'));
  await expect(testbed.restart('nats', defaultBroker)).rejects.toThrow('it does not listen');
  expect(listening).toHaveBeenLastCalledWith('nats', 'nats://127.0.0.77:4222', expect.anything());
  listening.mockResolvedValueOnce();
  await testbed.restart('nats', defaultBroker);
});

test('a container that could not be paused goes on', async () => {
  const { testbed } = await startFake();
  await expect(testbed.pause('consumer')).rejects.toThrow('docker pause');
  await testbed.resume('consumer');
});

/** Watches a fake `docker` that runs this script. Resolves with the events and the errors that were reported. */
async function reports(script: string) {
  const folder = fakeDocker(script);
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const all: unknown[] = [];
  const { ended } = watchContainerEnds({
    project: 'spillway-run-1',
    logFolder: folder,
    guard,
    onEnd: (service, { name, message }) => all.push({ service, name, message }),
  });
  await ended;
  return all;
}

test('watchContainerEnds reports which container ended, and when no report will follow', async () => {
  const event = '{"com.docker.compose.service":"consumer","exitCode":"137"}';
  expect(await reports(`echo '${event}'; echo 'error during connect: EOF' >&2; exit 1`)).toEqual([
    {
      service: 'consumer',
      name: 'consumer-died',
      message: expect.stringMatching(
        /^consumer ended with exit code 137 during the run; its log is in \/.*\/containers\.log$/,
      ),
    },
    {
      service: undefined,
      name: 'docker-lost',
      message: 'Docker no longer reports which containers end: error during connect: EOF',
    },
  ]);
});

test('watchContainerEnds asks the Docker that everything else asks, too', async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///elsewhere/docker.sock');
  expect(await reports('echo "$DOCKER_HOST" >&2')).toMatchObject([
    { message: expect.stringMatching(/: unix:\/\/\/elsewhere\/docker\.sock$/) },
  ]);
});
