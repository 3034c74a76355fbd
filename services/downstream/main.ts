import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { integer } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { runService } from '#kit/service.ts';
import { downstream } from './downstream.ts';
import { EffectLog } from './effects.ts';
import { Numbering } from './numbering.ts';

const variables = {
  EFFECTS_FILE: Type.String({
    default: '',
    description:
      'File of the effect log; `$HOSTNAME` is replaced by the name of this machine. Default: a temporary file, removed when the process ends.',
  }),
  EFFECTS_BYTES_MAX: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'A full log is forgotten. 0: no bound, as a run requires.',
  }),
  NUMBERED_IDS_MAX: integer(
    { from: 1, to: 10_000_000, default: 1_000_000 },
    'Most requests whose attempts are numbered; then all are forgotten. A million take about 200 MB.',
  ),
};

await runService('downstream', variables, ({ env, ...parts }) =>
  downstream({
    ...parts,
    numbering: new Numbering(env.NUMBERED_IDS_MAX),
    effects: new EffectLog(
      env.EFFECTS_FILE.replaceAll('$HOSTNAME', hostname()) || temporaryFile(),
      env.EFFECTS_BYTES_MAX || undefined,
    ),
  }),
);

/** Returns the name of a file in a new folder, which is removed when the process ends, unless it is killed. */
function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'effects.ndjson');
}
