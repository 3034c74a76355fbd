import { expect, test } from 'vitest';
import { boards } from '#grafana/write.ts';
import { patiently } from '#test/support/docker/patiently.ts';
import type { Project } from '#test/support/docker/project.ts';
import { listedBoards, provisioningProblems } from '#test/support/grafana.ts';

/** Defines tests of the Grafana of a running project. */
export function isShown(project: Project): void {
  test('Grafana lists every board, and its provisioning logs no error', async () => {
    const url = await project.url('grafana', 3000);
    const expected = Object.values(boards).map(({ uid }) => uid);
    await patiently(async () => {
      const listed = await listedBoards(url);
      return expected.every((uid) => listed.includes(uid!));
    }, 'Grafana lists all boards');
    expect(provisioningProblems(await project.compose(['logs', 'grafana']))).toEqual([]);
  });
}
