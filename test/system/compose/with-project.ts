import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { Guard } from '#lab/world/process/guard.ts';
import { Project } from '#test/support/docker/project.ts';

/**
 * Prepares a project for a test file, and removes it with its data after the tests. Without Docker, skips the tests
 * with the reason from the set-up.
 */
export function withProject(prepare: (project: Project) => Promise<unknown>): Project {
  const project = new Project();
  const noDocker = inject('noDocker');
  beforeEach(({ skip }) => skip(noDocker !== undefined, noDocker));
  if (noDocker !== undefined) return project;
  const guard = new Guard();
  const needless = project.guardedBy(guard);
  beforeAll(() => prepare(project));
  afterAll(async () => {
    await project.forget();
    needless();
    await guard.release();
  });
  return project;
}
