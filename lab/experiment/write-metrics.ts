import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { metricNames, metricOf, units } from './metrics.ts';

const file = fileURLToPath(new URL('../../docs/hypotheses.md', import.meta.url));

/** The page on hypotheses with the table of all metrics in its place. */
export function withMetrics(page: string): string {
  const rows = metricNames.map((name) => {
    const { unit, means, whole } = metricOf(name)!;
    return `| \`${name}\` | ${units[unit].words} | ${means} | ${whole ? 'no' : 'yes'} |\n`;
  });
  const head = ['| metric | unit | what it counts | in windows |\n', '| --- | --- | --- | --- |\n'];
  const table = [...head, ...rows].join('');
  return page.replace(/(?<=<!-- metrics -->\n)[^<]*(?=<!-- end of metrics -->)/, () => table);
}

if (import.meta.main) writeFileSync(file, withMetrics(readFileSync(file, 'utf8')));
