import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Result, Status } from '#lab/result.ts';
import { fittingColumns } from './columns.ts';
import { evidence } from './evidence.ts';
import { plural } from './format.ts';
import { verdictOf } from './verdict.ts';

export interface TableOptions {
  /** Whether escape codes for colours may be used. */
  readonly colour: boolean;
  /** Characters in a line. */
  readonly width: number;
}

type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';
type Paint = (colour: Colour, text: string) => string;

const tones: Record<Status, { colour: Colour; sign: string }> = {
  held: { colour: 'green', sign: '✓' },
  failed: { colour: 'red', sign: '✗' },
  invalid: { colour: 'yellow', sign: '⚠' },
  error: { colour: 'red', sign: '✗' },
  interrupted: { colour: 'yellow', sign: '⚠' },
};

/** The result for a terminal: verdict and reasons, the variants, the hypotheses, and whether the measurement holds. */
export function renderTable(result: Result, { colour, width }: TableOptions): string {
  const paint: Paint = (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text);
  const blocks = [
    verdictLines(result, paint, width),
    result.variants.length > 0 ? variantLines(result, paint, width) : [],
    result.hypotheses.flatMap((hypothesis) => {
      const measured = evidence(hypothesis).replaceAll(/ ([×=]) /g, '\u00a0$1\u00a0'); // a product stays on one line
      return marked(hypothesis.ok, `${hypothesis.text}  (${measured})`, paint, width);
    }),
    checkLines(result, paint, width),
  ];
  const text = blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  return text.replaceAll('\u00a0', ' ');
}

function verdictLines(result: Result, paint: Paint, width: number): string[] {
  const { word, sentence, reasons } = verdictOf(result);
  const { colour, sign } = tones[result.status];
  const [first = '', ...more] = wrap(`${sign} ${word}: ${sentence}`, width, '  ');
  const head = `${sign} ${word}`;
  return [
    paint('bold', result.experiment.title),
    first.startsWith(head) ? paint(colour, head) + first.slice(head.length) : first,
    ...more,
    // The hypotheses stand below, each with what failed.
    ...(result.status === 'failed' ? [] : reasons).flatMap((reason) => wrap(`  - ${reason}`, width, '    ')),
  ];
}

function variantLines({ variants }: Result, paint: Paint, width: number): string[] {
  const { columns, nameWidth, complete } = fittingColumns(variants, width);
  const table = new Table({
    head: ['variant', ...columns.map(({ head }) => head)].map((head) => paint('dim', head)),
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const variant of variants) {
    table.push([
      variant.name.length > nameWidth ? `${variant.name.slice(0, nameWidth - 1)}…` : variant.name,
      ...columns.map(({ head, cell }) => {
        const text = cell(variant);
        if (head === 'goodput') return paint(goodputTone(variant.goodput), text);
        return text === '0' ? paint('dim', text) : text;
      }),
    ]);
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  return complete ? lines : [...lines, paint('dim', 'More columns are in the report.')];
}

function goodputTone(goodput: number): Colour {
  if (goodput >= 0.95) return 'green';
  return goodput < 0.5 ? 'red' : 'yellow';
}

function checkLines({ validity, variants }: Result, paint: Paint, width: number): string[] {
  const passed = validity.filter(({ ok }) => ok).length;
  const balanced = variants.filter(({ ledger }) => ledger.balanced).length;
  const line = (good: number, all: number, words: string) =>
    all === 0 ? [] : marked(good === all, `${good} of ${plural(all, words)}`, paint, width);
  return [
    ...line(passed, validity.length, 'validity check').map((text) => `${text} passed`),
    ...line(balanced, variants.length, 'ledger').map((text) => `${text} balanced`),
  ];
}

function marked(ok: boolean, text: string, paint: Paint, width: number): string[] {
  const [first = '', ...more] = wrap(text, width - 2, '');
  const sign = ok ? paint('green', '✓') : paint('red', '✗');
  return [`${sign} ${first}`, ...more.map((line) => `  ${line}`)];
}

/** Breaks a text at its spaces into lines of at most `width` characters; lines after the first are indented. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ (?=\S)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** No borders, two spaces between columns. */
const bare = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((place) => [place, '']),
);
bare.middle = '  ';
