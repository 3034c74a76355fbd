import type { TestProject } from 'vitest/node';
import { NoDocker } from '#test/support/docker/daemon.ts';
import { prepareDocker } from '#test/support/docker/prepare.ts';
import { maySkip } from '#test/support/may-skip.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no Docker here; nothing when there is one. */
    noDocker: string | undefined;
  }
}

const say = (text: string): void => void process.stderr.write(`compose: ${text}\n`);

/** Where Docker can't be, says why and has the tests skipped, or throws where nothing may be skipped. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  try {
    const end = await prepareDocker(say);
    project.provide('noDocker', undefined);
    return end;
  } catch (error) {
    if (!(error instanceof NoDocker) || !maySkip()) throw error;
    say(`the tests in containers are skipped: ${error.message}`);
    project.provide('noDocker', error.message);
    return async () => {};
  }
}
