import { text } from 'node:stream/consumers';
import { printable } from '#lab/text/printable.ts';
import { restore } from './restore.ts';

// A program that restores the testbed that stdin describes. It runs after a lab was killed.

await restore(JSON.parse(await text(process.stdin))).catch(({ message }: Error) => {
  process.stderr.write(`${printable(message)}\n`);
  process.exitCode = 1;
});
