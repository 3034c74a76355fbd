import { readRun } from '#lab/evidence/read-run.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { stored } from '#test/fixtures/evidence.ts';

const [folder = ''] = process.argv.slice(2);

// Analyses the run in a folder as the lab does. Prints the peak memory of this process in bytes.
const { variants } = await analyse(stored, await readRun(folder));
if (!variants[0]?.ledger.balanced) throw new Error('expected every request in the record');
process.stdout.write(`${process.resourceUsage().maxRSS * 1024}\n`);
