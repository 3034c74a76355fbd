import { createInterface } from 'node:readline';
import { Generator } from './generator.ts';
import type { Report } from './protocol.ts';

const report = (message: Report): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};
const generator = new Generator({ report });

const lines = createInterface({ input: process.stdin });
const end = (): void => lines.close();
lines.on('line', (line) => void generator.handle(line));
lines.on('close', () => {
  process.stdin.destroy();
  void generator.close(); // nothing keeps the process alive after this
});
process.on('SIGTERM', end).on('SIGINT', end);
process.stdout.on('error', end); // the reader has closed the pipe
process.on('uncaughtException', (error) => {
  process.exitCode = 1;
  report({ report: 'error', name: 'generator-error', message: `unexpected: ${error.stack}` });
  end();
});
report({ report: 'listening' });
