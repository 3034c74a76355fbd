import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from 'typebox';
import { runService } from '#kit/service.ts';
import { downstream } from './downstream.ts';
import { EffectLog } from './effects.ts';

const variables = { EFFECTS_FILE: Type.String({ default: '', description: 'Where effects are logged.' }) };

await runService('downstream', variables, ({ env, ...parts }) => {
  const file = env.EFFECTS_FILE || join(mkdtempSync(join(tmpdir(), 'spillway-')), 'effects.ndjson');
  return downstream({ ...parts, effects: new EffectLog(file) });
});
