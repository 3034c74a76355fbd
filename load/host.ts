import { cpuOfProcess } from '#kit/stalls.ts';
import { createRecord } from './record.ts';
import type { Host } from './run.ts';

export const thisProcess: Host = {
  createRecord,
  cpuMs: cpuOfProcess,
  rssPeakBytes: () => process.resourceUsage().maxRSS * 1024,
};
