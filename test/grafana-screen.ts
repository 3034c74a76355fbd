import { readFileSync, writeFileSync } from 'node:fs';
import type { Dashboard, Panel, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { reportBrowser } from './fixtures/opened-report.ts';
import { annotationsOf, fill, targetsOf } from './support/dashboards.ts';
import { Prometheus, type Series } from './support/prometheus.ts';

// Draws a board's layout with the data of a Prometheus:
//   bin/node24 test/grafana-screen.ts BOARD PROMETHEUS_URL OUT [END [SECONDS [HEIGHT]]]
// It writes OUT.html, and a picture of its first screen, OUT.png. END is a Unix time, by default now.
const [board = 'lanes', url = 'http://127.0.0.1:9090', out = 'screen', end, lasts = '150', high = '800'] =
  process.argv.slice(2);
const endS = Math.floor(end ? Number(end) : Date.now() / 1000);
const lastsS = Number(lasts);
const startS = endS - lastsS;
const file = new URL(`../grafana/dashboards/${board}.json`, import.meta.url);
const dashboard: Dashboard = JSON.parse(readFileSync(file, 'utf8'));
const prometheus = new Prometheus(url);

/** Height of Grafana's bars above the panels, of a unit of the grid with its gap, and width of a unit. */
const [barsPx, unitPx, columnPx] = [130, 38, (1280 - 32 + 8) / 24];
const hues: Readonly<Record<string, string>> = {
  ...{ green: '#73bf69', yellow: '#fade2a', orange: '#ff9830', red: '#f2495c', blue: '#5794f2' },
  ...{ purple: '#b877d9', text: '#ccccdc' },
};
const palette = ['green', 'yellow', 'blue', 'orange', 'red', 'purple'];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function valuesOf({ values }: Series): number[] {
  const known = new Map(values.map(([atS, value]) => [Math.round(atS) - startS, Number(value)]));
  return Array.from({ length: lastsS + 1 }, (_, second) => known.get(second) ?? Number.NaN);
}

const ask = (expr: string) => prometheus.since(startS, fill(expr, '4s'), endS);

/** Returns the series of a panel with name and colour. Values are by second from the start; NaN: none. */
async function linesOf(panel: Panel) {
  const found = await Promise.all(
    targetsOf(panel).map(async ({ expr, legendFormat = '' }) =>
      (await ask(expr)).map((series) => ({
        name: legendFormat.replace(/\{\{(\w+)\}\}/g, (_, label: string) => series.metric[label] ?? ''),
        values: valuesOf(series),
      })),
    ),
  );
  return found.flat().map((line, index) => {
    const own = panel.fieldConfig?.overrides.find(({ matcher }) => matcher.options === line.name);
    const colour = (own?.properties[0]?.value as { fixedColor?: string } | undefined)?.fixedColor;
    return { ...line, colour: hues[colour ?? palette[index % palette.length]!]! };
  });
}

const short = (value: number) => `${+value.toPrecision(3)}`;
function shown({ fieldConfig }: Panel, value: number): string {
  const { unit } = fieldConfig!.defaults;
  if (unit === 'percentunit') return `${Math.round(value * 100)}%`;
  if (unit === 's') return value < 1 ? `${short(value * 1000)} ms` : `${short(value)} s`;
  return value < 1000 ? short(value) : `${short(value / 1000)} K`;
}
const stepsOf = ({ fieldConfig }: Panel) => fieldConfig?.defaults.thresholds?.steps ?? [];
const clock = (atS: number) => new Date(atS * 1000).toISOString().slice(11, 19);
/** Part of a drawing with a time axis below it. */
type Box = Readonly<Record<'left' | 'width' | 'height', number>>;

const x = ({ left, width }: Box, second: number) => left + (second / lastsS) * width;

function times(box: Box): string {
  const every = box.width > 600 ? 15 : box.width > 300 ? 30 : 60;
  const seconds = Array.from({ length: lastsS }, (_, second) => second);
  return seconds
    .filter((second) => (startS + second) % every === 0)
    .map((second) => label(x(box, second), box.height + 14, 'middle', clock(startS + second)))
    .join('');
}

const label = (left: number, y: number, anchor: 'start' | 'middle' | 'end', said: string, more = '') =>
  `<text x="${left}" y="${y}" text-anchor="${anchor}" ${more}>${escaped(said)}</text>`;

/** Returns the runs of seconds with the same value. Seconds without a value belong to none. */
function runsOf(values: readonly number[]): { from: number; to: number; value: number }[] {
  const runs: { from: number; to: number; value: number }[] = [];
  for (const [second, value] of values.entries()) {
    const last = runs.at(-1);
    if (last?.to === second && last.value === value) last.to = second + 1;
    else if (!Number.isNaN(value)) runs.push({ from: second, to: second + 1, value });
  }
  return runs;
}

async function marks(box: Box): Promise<string> {
  const shownMarks = annotationsOf(dashboard).filter(({ enable }) => enable);
  const exprs = shownMarks.map(({ target }) => (target as Dataquery).expr);
  const runs = (await Promise.all(exprs.map(ask))).flat().flatMap((series) => runsOf(valuesOf(series)));
  const place = `y="0" height="${box.height}" opacity="0.15"`;
  return runs.map(({ from, to }) => rect(box, from, to, place, 'red')).join('');
}

const rect = (box: Box, from: number, to: number, rest: string, colour: string) =>
  `<rect x="${x(box, from)}" width="${Math.max(1, x(box, to) - x(box, from))}" fill="${hues[colour]}" ${rest}/>`;

async function graph(panel: Panel, width: number, height: number): Promise<string> {
  const lines = await linesOf(panel);
  const { custom, max } = panel.fieldConfig!.defaults;
  const { axisSoftMax = 0, axisWidth: left = 48, fillOpacity, lineWidth } = custom;
  const isStacked = custom.stacking.mode === 'normal';
  const box = { left, width: width - left - 8, height: height - 20 };
  const sum = (index: number, second: number) =>
    lines.slice(0, index + 1).reduce((all, { values }) => all + values[second]!, 0);
  const tops = lines.map(({ values }, i) =>
    values.map((value, second) => (isStacked ? sum(i, second) : value)),
  );
  const top = max ?? (Math.max(axisSoftMax, ...tops.flat().filter(Number.isFinite)) * 1.05 || 1);
  const y = (value: number) => box.height * (1 - Math.min(1, value / top));
  const drawn = lines.flatMap(({ colour }, index) =>
    runsOf(tops[index]!.map((value) => value * 0)).map(({ from, to }) => {
      const seconds = Array.from({ length: to - from }, (_, offset) => from + offset);
      const under = (second: number) => (isStacked && index > 0 ? y(tops[index - 1]![second]!) : box.height);
      const line = seconds.map((second) => `${x(box, second)},${y(tops[index]![second]!)}`);
      const back = seconds.toReversed().map((second) => `${x(box, second)},${under(second)}`);
      return (
        `<polygon points="${[...line, ...back].join(' ')}" fill="${colour}" opacity="${fillOpacity / 100}"/>` +
        `<polyline points="${line.join(' ')}" fill="none" stroke="${colour}" stroke-width="${lineWidth}"/>`
      );
    }),
  );
  const limits = custom.thresholdsStyle.mode === 'dashed' ? stepsOf(panel).slice(1) : [];
  const dashes = limits.map(
    ({ value, color }) =>
      `<path d="M${left} ${y(value!)}h${box.width}" stroke="${hues[color]}" stroke-dasharray="6"/>`,
  );
  const ticks = [0, 0.5, 1].map((part) =>
    label(left - 6, box.height * (1 - part) + 3 + 6 * part, 'end', shown(panel, top * part)),
  );
  const inside = [...ticks, times(box), ...drawn, ...dashes, await marks(box)].join('');
  return `<svg width="${width}" height="${height}">${inside}</svg>`;
}

async function states(panel: Panel, width: number, height: number): Promise<string> {
  const lines = await linesOf(panel);
  const { options } = panel.fieldConfig!.defaults.mappings![0] as ValueMap;
  const names = 10 + 7 * Math.max(...lines.map(({ name }) => name.length));
  const left = panel.fieldConfig!.defaults.custom.axisWidth ?? names;
  const box = { left, width: width - left - 8, height: height - 18 };
  const rowPx = box.height / lines.length;
  const rows = lines.map(({ name, values }, index) => {
    const middle = (index + 0.5) * rowPx + 4;
    const bars = runsOf(values).map(({ from, to, value }) => {
      const { text = String(value), color = 'text' } = options[value] ?? {};
      const isSaid = panel.options.showValue !== 'never' && x(box, to) - x(box, from) > text.length * 7;
      const said = label(x(box, from) + 4, middle, 'start', isSaid ? text : '', 'class="in"');
      return rect(box, from, to, `y="${index * rowPx + 1}" height="${rowPx - 2}"`, color) + said;
    });
    return label(left - 6, middle, 'end', name) + bars.join('');
  });
  return `<svg width="${width}" height="${height}">${rows.join('')}${times(box)}</svg>`;
}

async function stat(panel: Panel, width: number, height: number): Promise<string> {
  const [{ values } = { values: [] }] = await linesOf(panel);
  const known = values.filter((value) => !Number.isNaN(value));
  const { calcs } = panel.options.reduceOptions;
  const large = calcs[0] === 'max' ? Math.max(...known) : (known.at(-1) ?? Number.NaN);
  const colour = hues[stepsOf(panel).findLast(({ value }) => value === null || large >= value)!.color];
  const top = Math.max(...values.filter(Number.isFinite)) || 1;
  const box = { left: 0, width, height };
  const y = (value: number) => height * (1 - (value / top) * 0.9);
  const line = values.map((value, second) => `${x(box, second)},${y(value || 0)}`);
  const area = `<polygon points="0,${height} ${line.join(' ')} ${width},${height}" fill="${colour}" opacity="0.25"/>`;
  const digits = panel.fieldConfig!.defaults.unit === 'percentunit' ? 2 : 1;
  const text = Number.isFinite(large) ? shown(panel, Number(large.toFixed(digits))) : 'none';
  const font = `style="fill:${colour};font-size:${Math.min(28, width / 5)}px"`;
  const value = label(width / 2, height / 2 + 10, 'middle', text, font);
  return `<svg width="${width}" height="${height}">${area}${value}</svg>`;
}

const kinds: Readonly<Record<string, typeof graph>> = { timeseries: graph, 'state-timeline': states, stat };

async function draw({ gridPos, title = '', description = '', ...panel }: Panel): Promise<string> {
  const { w, h } = gridPos!;
  const [width, height] = [w * columnPx - 8, h * unitPx - 8];
  const place = `left:${16 + gridPos!.x * columnPx}px;top:${barsPx + gridPos!.y * unitPx}px;width:${width}px;height:${height}px`;
  const words = escaped(panel.options?.content ?? '').replace(/\*\*(.+?)\*\*/g, '<b>$1</b>');
  const inside = await (kinds[panel.type]?.(panel, width - 10, height - (title ? 34 : 8)) ??
    words.replaceAll('\n', '<br>'));
  return `<section style="${place}" title="${escaped(description)}">${title && `<h3>${escaped(title)}</h3>`}${inside}</section>`;
}

const style = `body{margin:0;background:#111217;color:#ccccdc;font:13px/1.55 Inter,Arial,sans-serif}
section{position:absolute;background:#181b1f;border:1px solid #2c2f36;box-sizing:border-box;padding:3px 5px;overflow:hidden}
h1{font-size:18px;font-weight:500;margin:46px 16px 0}p{margin:2px 16px}
h3{margin:0;height:28px;font-size:14px;font-weight:500;line-height:26px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
text{font-size:11px;fill:#9fa2ad}text.in{fill:#111217;font-size:12px}svg{display:block}`;
const sections = await Promise.all((dashboard.panels as Panel[]).map(draw));
const head = `<!doctype html><meta charset="utf-8"><title>${dashboard.title}</title><style>${style}</style>`;
const html = `${head}<h1>${dashboard.title}</h1><p>${clock(startS)} to ${clock(endS)} UTC</p>${sections.join('\n')}`;
writeFileSync(`${out}.html`, html);
await using browser = await reportBrowser();
await using opened = await browser.showPage(html, { viewport: { width: 1280, height: Number(high) } });
await opened.page.screenshot({ path: `${out}.png` });
