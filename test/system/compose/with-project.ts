import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { Guard } from '#lab/testbed/process/guard.ts';
import { Project } from '#test/support/docker/project.ts';

/**
 * Gives a test file a project, prepared, and gone with all it has when the file is done. Without Docker its tests are
 * skipped, for the reason that the set-up has said.
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
