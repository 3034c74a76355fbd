import type { TestProject } from 'vitest/node';
import { NoDocker, startDaemon } from '#test/support/docker/daemon.ts';
import { standIns } from './stand-ins.ts';
import { root } from './versions.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Docker here; nothing when there is one. */
    noDocker: string | undefined;
  }
}

const say = (text: string): void => void process.stderr.write(`compose: ${text}\n`);

/**
 * Sees to a Docker daemon and to the images for the tests in containers. Where that can't be, says why and has them
 * skipped; with `SPILLWAY_DOCKER=required` it throws instead. Returns what undoes it.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = `${root}node_modules/.cache/spillway-docker`;
  const undo: (() => Promise<void>)[] = [];
  const tearDown = async () => {
    for (const one of undo.splice(0).reverse()) await one();
  };
  try {
    undo.push(await startDaemon(folder));
    undo.push(await standIns(folder, say));
    project.provide('noDocker', undefined);
  } catch (error) {
    await tearDown();
    if (!(error instanceof NoDocker) || process.env.SPILLWAY_DOCKER === 'required') throw error;
    say(`the tests in containers are skipped: ${error.message}`);
    project.provide('noDocker', error.message);
  }
  return tearDown;
}
