import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TObject, TSchema } from 'typebox';
import { meanings, outcomes } from '#kit/wire.ts';
import { kinds } from '#lab/faults/kinds.ts';
import { type Metric, metrics, units } from './hypothesis/metrics.ts';

const pages = { metrics: 'hypotheses.md', faults: 'faults.md', outcomes: 'ledger.md' };

const windows = { whole: 'no', after: 'after a fault or a phase only', any: 'yes' };

/** Generated tables, by their marker in a page. */
const tables: Readonly<Record<keyof typeof pages, () => string>> = {
  metrics: () =>
    table(
      ['metric', 'unit', 'what it counts', 'in windows'],
      Object.entries<Metric>(metrics).map(([name, { unit, means, only }]) => [
        `\`${name}\``,
        units[unit].words,
        means,
        windows[only ?? 'any'],
      ]),
    ),
  outcomes: () =>
    table(
      ['outcome', 'means'],
      outcomes.map((outcome) => [`\`${outcome}\``, meanings[outcome]]),
    ),
  faults: () =>
    table(
      ['kind', 'what happens', 'to', 'options'],
      Object.entries(kinds).flatMap(([to, some]) =>
        Object.entries(some).map(([name, { options }]) => [
          `\`${name}\``,
          descriptionOf(options),
          to,
          fieldsOf(options),
        ]),
      ),
    ),
};

/** Returns a page with a table filled in. */
export const withTable = (page: string, name: keyof typeof pages): string =>
  page.replace(new RegExp(`(?<=<!-- ${name} -->\n)[^<]*(?=<!-- end of ${name} -->)`), tables[name]);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Lists the fields with their defaults. */
function fieldsOf({ properties }: TObject): string {
  const fields = Object.entries(properties).map(([name, field]: [string, TSchema & { default?: unknown }]) =>
    field.default === undefined ? `\`${name}\`` : `\`${name}\` (${field.default})`,
  );
  return fields.join(', ') || 'none';
}

const descriptionOf = ({ description }: TSchema & { description?: string }): string => description ?? '';

if (import.meta.main) {
  for (const [name, page] of Object.entries(pages)) {
    const file = fileURLToPath(new URL(`../../docs/${page}`, import.meta.url));
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), name as keyof typeof pages));
  }
}
