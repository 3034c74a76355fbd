import { type MetricName, metrics, type Unit } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { formatOf, formatOfDifference } from '#lab/experiment/metrics/shown.ts';
import { sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { type Change, missingIn, offeredOther } from '#lab/judge/statistics/change.ts';
import { variantNames } from '#lab/judge/statistics/rounds.ts';
import { changedKeys } from '#lab/kit/text/flatten.ts';
import { duration, inNumber, interval, none, plural, share } from '#lab/kit/text/format.ts';
import type { Column } from '#lab/show/columns.ts';
import { groupedLines } from './figures.ts';
import { dimmed, hanging, mark, type Paper, paint, printed, signed, wrap } from './paper.ts';
import { verdictLines } from './table.ts';

type Sides = readonly (readonly [side: 'before' | 'after', result: Result])[];

export function renderComparison(before: Result, after: Result, paper: Paper, changed: Changed): string {
  const { width } = paper;
  const sides: Sides = [
    ['before', before],
    ['after', after],
  ];
  const titles = new Set(sides.map(([, { experiment }]) => experiment.title));
  return printed([
    [...titles].map((title) => paint(paper, 'bold', title)),
    sides.flatMap(([side, result]) =>
      hanging(side.padEnd(gutter), gutter, [
        ...(result.label === undefined ? [] : wrap(result.label, width - gutter, '')),
        ...verdictLines(result, { ...paper, width: width - gutter }),
      ]),
    ),
    [...differences(before, after), ...offeredOther(changed.changes).map(otherLoad)].flatMap((text) =>
      signed(paint(paper, 'yellow', '⚠'), text, paper),
    ),
    changeLines(changed, sides, paper),
    sides.every(([, { rounds }]) => rounds) ? [] : dimmed(noInterval, paper),
    hypothesisLines(sides, paper),
  ]);
}

const otherLoad = (name: string) => `${name} was offered another load, so its figures are not judged.`;
const noInterval = 'A single run has no interval: use --repeat on both sides to tell a change from chance.';

const gutter = 'before  '.length;

/** Lists the hypotheses that fail on a side, or whose verdicts differ. Only counts the others. */
function hypothesisLines(sides: Sides, paper: Paper): string[] {
  const all = sides.flatMap(([side, { hypotheses }]) =>
    hypotheses.map((hypothesis) => ({ side, hypothesis })),
  );
  const groups = [...Map.groupBy(all, ({ hypothesis }) => hypothesis.text)];
  const holding = groups.filter(
    ([, both]) => both.length === 2 && both.every(({ hypothesis }) => hypothesis.ok),
  );
  const count = `${plural(holding.length, 'hypothesis')} ${inNumber(holding.length, 'holds', 'hold')} in both runs`;
  return [
    ...(holding.length > 0 ? signed(mark(true, paper), count, paper) : []),
    ...groups
      .filter((group) => !holding.includes(group))
      .flatMap(([text, ofBoth]) => [
        ...wrap(text, paper.width, '  '),
        ...ofBoth.flatMap(({ side, hypothesis }) =>
          hanging(
            `  ${side.padEnd(gutter)}${mark(hypothesis.ok, paper)} `,
            gutter + 4,
            wrap(sidesText(hypothesis), paper.width - gutter - 4, ''),
          ),
        ),
      ]),
  ];
}

/** Changes, and the margin by which figures may get worse, if given. */
type Changed = Readonly<{ changes: readonly Change[]; margin?: number | undefined }>;

/** Lists the changed figures by variant, then those that got worse by more than the margin. Only counts the others. */
function changeLines({ changes, margin }: Changed, sides: Sides, paper: Paper): string[] {
  const happened = changes.filter(hasHappened);
  const shown = happened.filter(hasChanged);
  const [same, hasRounds] = [happened.length - shown.length, sides.some(([, { rounds }]) => rounds)];
  const rows = shown.map((change) => ({ label: `  ${change.metric}`, thing: change }));
  const groups = Map.groupBy(rows, ({ thing }) => thing.variant);
  const columns = hasRounds ? changeColumns : singleColumns;
  const unchanged = `${plural(same, 'figure')} ${hasRounds ? inNumber(same, 'shows', 'show') : 'had'} no difference.`;
  return [
    ...(shown.length > 0 ? groupedLines(groups, columns, paper, 'use a wider window.') : []),
    ...(same > 0 ? dimmed(unchanged, paper) : []),
    ...(shown.some(({ verdict }) => verdict) ? dimmed(legend, paper) : []),
    ...(shown.some(({ instead }) => instead) ? dimmed(unjudged, paper) : []),
    ...(margin === undefined ? [] : ['', ...marginLines(changes, margin, paper)]),
  ];
}

/** True unless the rounds show no difference. Single runs differ if their formatted figures differ. */
function hasChanged({ metric, before, after, verdict }: Change): boolean {
  if (verdict) return verdict !== 'no difference';
  const [a, b] = [valueText(metric, before), valueText(metric, after)];
  return a === none || b === none || a !== b;
}

const legend =
  'Means, and the 95 % interval of their difference, for shares in percentage points. One in twenty unchanged figures seems to have changed by chance.';

const unjudged =
  'Instead of a verdict: what explains the change: another load, an invalid measurement, or more or less work done.';

/** True unless a figure is zero on both sides. Always true for goodput and collapses. */
const hasHappened = ({ metric, before, after }: Change): boolean =>
  metric === 'goodput' ||
  metrics[metric].unit === 'verdict' ||
  [before, after].some((side) => (side?.value ?? 0) > 0);

function marginLines(changes: readonly Change[], margin: number, paper: Paper): string[] {
  const worse = changes
    .filter(({ regressed }) => regressed)
    .map(({ metric, variant }) => `${metric}(${variant})`);
  const text =
    worse.length === 0
      ? `No figure is significantly worse by more than ${share(margin)}`
      : `Significantly worse by more than ${share(margin)}: ${worse.join(', ')}`;
  return signed(mark(worse.length === 0, paper), text, paper);
}

const unitOf = (metric: MetricName): Unit =>
  metrics[metric].unit === 'verdict' ? 'share' : metrics[metric].unit;

function valueText(metric: MetricName, figure: Figure | undefined): string {
  const { value = null } = figure ?? {};
  return value === null ? none : formatOf(unitOf(metric))(value);
}

function differenceText(metric: MetricName, value: number): string {
  return (value > 0 ? '+' : '') + formatOfDifference(unitOf(metric))(value);
}

const verdictTones = { better: 'green', worse: 'red', 'no difference': 'dim' } as const;

const changeColumns: readonly Column<Change>[] = [
  { head: 'before', cell: ({ metric, before }) => valueText(metric, before) },
  { head: 'after', cell: ({ metric, after }) => valueText(metric, after) },
  {
    head: 'difference',
    cell: ({ metric, difference }) => (difference ? differenceText(metric, difference.value) : none),
  },
  {
    head: 'interval',
    cell: ({ metric, difference }) =>
      difference ? interval(difference, formatOfDifference(unitOf(metric))) : none,
  },
  {
    head: 'verdict',
    cell: ({ verdict, instead = none }) => verdict ?? instead,
    tone: ({ verdict }) => (verdict ? verdictTones[verdict] : 'dim'),
  },
];

/** Columns for two single runs. Of these, a variant collapsed or didn't: its probability would be 0 % or 100 %. */
const singleColumns: readonly Column<Change>[] = changeColumns.slice(0, 3).map(({ head, cell }) => ({
  head,
  cell(change) {
    if (metrics[change.metric].unit !== 'verdict') return cell(change);
    if (head === 'difference') return none;
    return change[head === 'before' ? 'before' : 'after']?.value ? 'yes' : 'no';
  },
}));

/**
 * Properties that may differ between two runs, each with the consequence of a difference for the figures. A run may lack
 * a property.
 */
const circumstances: readonly [
  what: string,
  of: (result: Result) => string | undefined,
  consequence: string,
][] = [
  ['experiment', ({ experiment }) => experiment.name, ''],
  ['deadline', ({ experiment }) => duration(experiment.deadlineMs), ', so goodput is not comparable'],
  [
    'factor of slow motion',
    ({ slowMotion }) => String(slowMotion?.factor ?? 1),
    ', so the cost of a call on this machine has a different weight',
  ],
  ['seed', ({ experiment }) => String(experiment.seed), ', so arrivals and draws differ'],
  [
    'treatment',
    ({ withoutFaults }) => (withoutFaults ? 'a control run without faults' : 'the faults of the experiment'),
    ', so the faults may cause the differences',
  ],
  [
    'way of conducting',
    ({ simulated }) => (simulated ? 'simulated in virtual time' : 'run on sockets'),
    ', so the overhead of the machine may cause the differences',
  ],
  ['number of rounds', ({ rounds }) => String(rounds?.length ?? 1), ''],
  ['machine', ({ machine }) => `${machine.cpus} × ${machine.cpuModel}`, ''],
  ['version of Spillway', ({ spillway }) => spillway, ''],
];

/** Returns the differences between two runs as sentences. Leaves out differences of figures. */
export function differences(before: Result, after: Result): string[] {
  const others = circumstances.flatMap(([what, of, consequence]) => {
    const [a, b] = [of(before), of(after)];
    const isSame = a === b || a === undefined || b === undefined;
    return isSame ? [] : `Another ${what}: ${a} before, ${b} after${consequence}.`;
  });
  const isSame = before.experiment.name === after.experiment.name;
  if (isSame && before.experiment.source !== after.experiment.source)
    others.push('The experiment was edited between the runs.');
  return [
    ...others,
    ...lone(before, after),
    ...before.variants.flatMap(({ name, config }) => {
      const other = after.variants.find((variant) => variant.name === name)?.config ?? config;
      // Seeds of a variant derive from the experiment's seed, which was compared above.
      const changed = changedKeys(config, other).filter((key) => !/(^|\.)seed$/.test(key));
      return changed.length > 0 ? `${name} has another configuration: ${changed.join(', ')}.` : [];
    }),
  ];
}

function lone(before: Result, after: Result): string[] {
  const gone = missingIn(after, before);
  if (gone.length > 0 && gone.length === variantNames(before).length)
    return ['No variant is in both runs, so nothing is compared.'];
  return Object.entries({ before: gone, after: missingIn(before, after) })
    .filter(([, names]) => names.length > 0)
    .map(([side, names]) => `Only ${side}, so compared with nothing: ${names.join(', ')}.`);
}
