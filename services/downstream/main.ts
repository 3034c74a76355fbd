import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '#kit/schema/type.ts';
import { runService } from '#kit/service.ts';
import { downstream } from './downstream.ts';
import { EffectLog } from './effects.ts';

const variables = {
  EFFECTS_FILE: Type.String({
    default: '',
    description:
      'Where effects are logged, with the name of this machine for `$HOSTNAME`; a file that goes with the process where nothing is named.',
  }),
  EFFECTS_BYTES_MAX: Type.Integer({
    default: 0,
    minimum: 0,
    description:
      'What is full is put aside, and with the next that is full forgotten; 0 sets no bound, as a run needs it.',
  }),
};

await runService('downstream', variables, ({ env, ...parts }) =>
  downstream({
    ...parts,
    effects: new EffectLog(
      env.EFFECTS_FILE.replaceAll('$HOSTNAME', hostname()) || temporaryFile(),
      env.EFFECTS_BYTES_MAX || undefined,
    ),
  }),
);

/** Names a file in a folder that is removed when the process ends, unless it is killed. */
function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'effects.ndjson');
}
