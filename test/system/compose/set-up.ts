import type { TestProject } from 'vitest/node';
import { NoDocker } from '#test/support/docker/daemon.ts';
import { prepareDocker } from '#test/support/docker/prepare.ts';
import { maySkip } from '#test/support/may-skip.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Reason why Docker can't be used; undefined if it can. */
    noDocker: string | undefined;
  }
}

const say = (text: string): void => void process.stderr.write(`compose: ${text}\n`);

/** Prepares Docker. If that fails, prints the reason and skips the tests, or throws if no test may be skipped. */
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
