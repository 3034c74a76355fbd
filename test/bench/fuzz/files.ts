import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { systemClock } from '#kit/clock.ts';
import type { Draws } from './draws.ts';
import type { Findings } from './findings.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const main = join(root, 'lab/main.ts');
const answerBytesMax = 64 * 1024;
/** Time limit of the command: `msPerFile` for each file of a batch, and `startMs` for its start. */
const msPerFile = 1000;
const startMs = 10_000;

const valid = readdirSync(join(root, 'experiments'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(join(root, 'experiments', name), 'utf8'));

/** Runs `spillway validate` on batches of experiment files with mistakes. */
export async function fuzzFiles(
  folder: string,
  count: number,
  draws: Draws,
  findings: Findings,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const files = Array.from({ length: count }, (_, index) => {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, fileText(draws));
    return file;
  });
  findings.inputs += count;
  await validate(files, findings);
}

function fileText(draws: Draws): string | Buffer {
  const source = draws.one(valid);
  if (draws.chance(0.5)) return draws.garbled(source);
  const value = draws.mistaken(parse(source));
  // JSON is YAML, too.
  return draws.chance(0.3) ? (JSON.stringify(value) ?? '') : stringify(value);
}

/** Runs the command on a batch of files. If it crashes, halves the batch until the responsible file is found. */
async function validate(files: readonly string[], findings: Findings): Promise<void> {
  const reason = await failureOf(files);
  if (reason === undefined) return;
  if (files.length === 1)
    return findings.add(reason.kind, 'validate', reason.detail, readFileSync(files[0]!));
  const half = Math.ceil(files.length / 2);
  await validate(files.slice(0, half), findings);
  await validate(files.slice(half), findings);
}

async function failureOf(files: readonly string[]) {
  const child = spawn(process.execPath, [main, 'validate', ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = systemClock.after(startMs + msPerFile * files.length, () => child.kill('SIGKILL'));
  const [[code, signal], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  systemClock.cancel(timer);
  const said = stdout + stderr;
  if (signal === 'SIGKILL')
    return { kind: 'answers too late', detail: `killed after ${msPerFile} ms for each file` } as const;
  if (signal !== null) return { kind: 'deaths', detail: `ended by ${signal}` } as const;
  if ((code !== 0 && code !== 104) || /^ {4}at /m.test(said))
    return { kind: 'uncaught exceptions', detail: `ended with ${code}: ${said.slice(-500)}` } as const;
  if (said.length > answerBytesMax * files.length)
    return { kind: 'answers over 64 KB', detail: `${said.length} bytes` } as const;
  return undefined;
}
