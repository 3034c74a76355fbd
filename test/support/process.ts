import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serviceCommand } from '#lab/world/local/commands.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { type Child, startChild } from '#lab/world/process/launch.ts';

type Service = Parameters<typeof serviceCommand>[0];

/** Service in a separate process. */
export interface Running extends Child {
  /** Base URL of its traffic port. */
  readonly url: string;
  readonly controlUrl: string;
}

/** Returns a function that starts services as processes. They end with the test, and their folder is removed. */
export function processes() {
  const guard = new Guard();
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  guard.folder(folder);
  onTestFinished(() => guard.release());
  return {
    folder,
    async start(name: Service, config: object, env: Record<string, string> = {}): Promise<Running> {
      const command = serviceCommand(name, {
        config,
        ports: { traffic: 0, control: 0 },
        env: { TMPDIR: folder, ...env },
        logFile: join(folder, `${name}.log`),
      });
      const child = await startChild(command, guard);
      const url = (port: number | undefined) => `http://127.0.0.1:${port}`;
      return { ...child, url: url(child.ports.traffic), controlUrl: url(child.ports.control) };
    },
  };
}
