import type { Breakable, ProcessName } from '#lab/engine/testbed.ts';

/** How a kind of fault is brought about and mended. */
export interface Kind {
  begin(testbed: Breakable, target: ProcessName): Promise<void>;
  /** `config` is what the target was configured with. */
  end(testbed: Breakable, target: ProcessName, config: unknown): Promise<void>;
}
