import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { defaultBroker } from '#lab/kit/topology/broker-options.ts';
import { startCompose } from '#lab/world/compose/compose.ts';
import { watchContainerEnds } from '#lab/world/compose/docker.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { fakeDocker } from '#test/support/fake-docker.ts';
import { testFolder } from '#test/support/folder.ts';
import { listening } from '#test/support/listening.ts';

/** Address of all containers of the fake `docker`. No other test listens there. */
const address = '127.0.0.77';

/**
 * Starts a testbed with a fake `docker`, which runs the script `pause` to pause a container. Its services are always ready. `broker`
 * counts the connections to the broker.
 */
async function startFake(pause = 'exit 1') {
  const broker = { connections: 0 };
  await listening(
    createHttpServer((_, response) => response.end('{}')),
    8081,
    address,
  );
  await listening(
    createServer((socket) => {
      broker.connections += 1;
      socket.on('error', () => undefined).end();
    }),
    4222,
    address,
  );
  const folder = testFolder();
  const docker = `case "$*" in
  "network inspect "*) printf '%s\\n' 10.9.0.0/28 10.9.0.16/28 10.9.0.32/28 10.9.0.48/28 ;;
  "pause "*) ${pause} ;;
  "unpause "*) exit 1 ;;
  "inspect --format {{.State.Paused}} "*) echo false ;;
  "inspect "*) echo '{"its-network":{"IPAddress":"${address}"}}' ;;
  *" ps "*) echo id ;;
  "compose version --short") echo 2.40.0 ;;
  "events "*) exec sleep 600 ;;
esac`;
  fakeDocker(docker, folder);
  const testbed = await startCompose({ logFolder: folder });
  onTestFinished(() => testbed.stop());
  return { testbed, broker };
}

test('a broker in a container is restarted once it takes connections', async () => {
  const { testbed, broker } = await startFake();
  const { connections } = broker;
  await testbed.end('nats', 'SIGKILL');
  await testbed.restart('nats', defaultBroker);
  await expect.poll(() => broker.connections).toBeGreaterThan(connections);
});

test('a container that could not be paused goes on', async () => {
  const { testbed } = await startFake();
  await expect(testbed.pause('consumer')).rejects.toThrow('docker pause');
  await testbed.resume('consumer');
});

/** Script that counts its runs, and can freeze the container in the run with this number. */
const freezesAt = (run: number, folder = testFolder()) =>
  `echo >>${folder}/tries; [ $(wc -l <${folder}/tries) -ge ${run} ] || { echo 'OCI runtime pause failed: unable to freeze' >&2; exit 1; }`;

test('a container is paused, although a process that starts in it hinders that for a moment', async () => {
  const { testbed } = await startFake(freezesAt(3));
  await testbed.pause('consumer');
});

test('a container that can never be frozen is an error', async () => {
  const { testbed } = await startFake(freezesAt(100));
  await expect(testbed.pause('consumer')).rejects.toThrow('docker pause: OCI runtime pause failed');
});

/** Watches a fake `docker` that runs this script. Resolves with the events and the errors that were reported. */
async function reports(script: string) {
  const folder = fakeDocker(script);
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const all: unknown[] = [];
  const { ended } = watchContainerEnds('spillway-run-1', folder, guard, (service, { name, message }) =>
    all.push({ service, name, message }),
  );
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
