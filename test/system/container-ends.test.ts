import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { watchContainerEnds } from '#lab/testbed/compose/docker.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { testFolder } from '#test/support/folder.ts';

/** Returns the reports received while a `docker` runs this script. */
async function heard(script: string) {
  const folder = testFolder();
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}`, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
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
  expect(await heard(`echo '${event}'; echo 'error during connect: EOF' >&2; exit 1`)).toEqual([
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
  expect(await heard('echo "$DOCKER_HOST" >&2')).toMatchObject([
    { message: expect.stringMatching(/: unix:\/\/\/elsewhere\/docker\.sock$/) },
  ]);
});
