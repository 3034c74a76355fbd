import { afterEach, expect, type TestContext, test, vi } from 'vitest';
import { NoDocker } from '#test/support/docker/daemon.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import setUp from './compose/set-up.ts';

afterEach(() => vi.unstubAllEnvs());

/** Hides mount and docker, and allows tests to be skipped. */
function poor(): void {
  vi.stubEnv('PATH', '/nowhere');
  vi.stubEnv('SPILLWAY_SKIP', undefined);
}
const strict = () => vi.stubEnv('SPILLWAY_SKIP', 'never');

test('smallDisk skips the test where none can be mounted, and fails it where nothing may be skipped', () => {
  poor();
  const skip = vi.fn<TestContext['skip']>();
  const context = { skip } as unknown as TestContext;
  smallDisk(context, 64);
  expect(skip).toHaveBeenCalledWith(true, expect.stringMatching(/^no small disk can be mounted here: ./));
  strict();
  expect(() => smallDisk(context, 64)).toThrow('no small disk can be mounted here: ');
});

test('the set-up has the tests in containers skipped where there is no Docker, and fails where nothing may be', async () => {
  poor();
  const provide = vi.fn();
  await setUp({ provide } as never);
  expect(provide).toHaveBeenCalledWith('noDocker', expect.stringMatching(/^docker /));
  strict();
  await expect(setUp({ provide } as never)).rejects.toThrow(NoDocker);
});
