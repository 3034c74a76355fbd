import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { metricNames, metrics, units } from './metrics.ts';

const file = fileURLToPath(new URL('../../docs/hypotheses.md', import.meta.url));

/** The page on hypotheses with the table of all metrics in its place. */
export function withMetrics(page: string): string {
  const rows = metricNames.map((name) => {
    const { unit, means } = metrics[name];
    return `| \`${name}\` | ${units[unit].words} | ${means} |\n`;
  });
  const table = ['| metric | unit | what it counts |\n', '| --- | --- | --- |\n', ...rows].join('');
  return page.replace(/(?<=<!-- metrics -->\n)[^<]*(?=<!-- end of metrics -->)/, () => table);
}

if (import.meta.main) writeFileSync(file, withMetrics(readFileSync(file, 'utf8')));
