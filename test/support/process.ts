import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Listening } from '#kit/service.ts';
import { type Child, startChild } from '#lab/process/child.ts';
import { Guard } from '#lab/process/guard.ts';

/** A service as a process of its own. */
export interface Running extends Child {
  /** Base URL of its traffic port. */
  readonly url: string;
  readonly controlUrl: string;
}

/** Starts services as processes, which are gone when the test is over, with their folder. */
export function processes() {
  const guard = new Guard();
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  guard.folder(folder);
  onTestFinished(() => guard.release());
  return {
    folder,
    async start(name: string, config: object, env: Record<string, string> = {}): Promise<Running> {
      const main = fileURLToPath(new URL(`../../services/${name}/main.ts`, import.meta.url));
      const child = await startChild(
        {
          name,
          file: process.execPath,
          args: [main],
          env: { TMPDIR: folder, ...env, CONFIG: JSON.stringify(config) },
          logFile: join(folder, `${name}.log`),
          ready: portsIn,
        },
        guard,
      );
      const url = (port: number | undefined) => `http://127.0.0.1:${port}`;
      return { ...child, url: url(child.ports.traffic), controlUrl: url(child.ports.control) };
    },
  };
}

function portsIn(line: string): Child['ports'] | undefined {
  if (!line.includes('"listening"')) return undefined;
  const { traffic, control } = JSON.parse(line).listening as Listening;
  return { traffic, control };
}
