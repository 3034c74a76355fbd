import { cpuOfProcess } from '#kit/stalls.ts';
import { createRecord } from './record.ts';
import { recordIn } from './record-file.ts';
import type { Host } from './run.ts';

export const thisProcess: Host = {
  createRecord: async (file, _planned, onError) => recordIn(await createRecord(file, onError)),
  cpuMs: cpuOfProcess,
  rssPeakBytes: () => process.resourceUsage().maxRSS * 1024,
};
