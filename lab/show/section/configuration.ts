import { cut } from '#kit/schema/shorten.ts';
import { paths } from '#kit/wire.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { type Flat, flatten } from '#lab/kit/text/flatten.ts';
import { count, duration, gigabytes, inNumber, none, number, plural, quoted } from '#lab/kit/text/format.ts';
import { describeSlowMotion } from '#lab/show/conditions.ts';
import { badge, html, namedAt, type Part, pairs } from '#lab/show/html.ts';
import { type Section, table } from './section.ts';

export function configurationSection({ variants }: Result): Section | null {
  if (variants.length === 0) return null;
  const flats = variants.map(({ config }) => flatten(config));
  const keys = [...new Set(flats.flatMap((flat) => [...flat.keys()]))];
  // Compares only variants of the same path, since the paths have different options.
  const differs = (key: string) =>
    paths.some((path) => {
      const values = flats.filter((_, i) => variants[i]?.path === path).map((flat) => shown(flat, key));
      return new Set(values).size > 1;
    });
  const different = keys.filter(differs);
  const equal = keys.filter((key) => !differs(key));
  const each = variants.map(({ path }) => path);
  const rows = [
    ...(new Set(each).size > 1 ? [[option('path'), ...each]] : []),
    ...different.map((key) => [option(key), ...flats.map((flat) => value(shown(flat, key)))]),
  ];
  const inForce = (key: string) => flats.find((flat) => flat.has(key)) ?? flats[0] ?? new Map();
  return {
    title: variants.length === 1 ? 'Configuration' : 'What differs between the variants',
    body: [
      html`<ul class="descriptions">${variants.map(({ name, description }, i) => html`<li>${namedAt(i, name)} ${description}</li>`)}</ul>`,
      rows.length > 0 &&
        table({
          caption: 'Options that differ',
          head: ['Option', ...variants.map(({ name }, i) => html`${badge(i)} ${name}`)],
          rows,
        }),
      equal.length > 0 &&
        html`<details><summary>${plural(equal.length, 'option')} ${variants.length === 1 ? 'in force' : inNumber(equal.length, 'is the same in all variants of its path', 'are the same in all variants of their path')}</summary>${table(
          {
            caption: 'Options in force',
            head: ['Option', 'Value'],
            rows: equal.map((key) => [option(key), value(shown(inForce(key), key))]),
          },
        )}</details>`,
    ],
  };
}

/** Characters of a text, such as a request's body. The file has all of it. */
const charsMax = 300;

function shown(flat: Flat, key: string): string {
  if (!flat.has(key)) return none;
  const content = flat.get(key);
  if (typeof content === 'number') return number(content);
  return typeof content === 'string' ? cut(content, charsMax) : JSON.stringify(content);
}

/** Renders the key of an option. Lines may break after its dots. */
const option = (key: string): Part =>
  html`<code>${key.split('.').map((part, i) => html`${i > 0 && html`.<wbr>`}${part}`)}</code>`;

const value = (text: string): Part => (text === none ? html`<span class="zero">${none}</span>` : text);

export function repeatSection(result: Result): Section {
  const { experiment, machine, slowMotion, simulated } = result;
  // The figures of a simulation depend neither on the machine nor on its nats-server.
  const ofMachine = !simulated && {
    Machine: `${machine.cpus} × ${machine.cpuModel} · ${gigabytes(machine.memoryBytes)} · ${machine.platform}`,
    'Machine load before': `${number(machine.loadAverage)} (one-minute average)`,
  };
  const facts = {
    Seed: html`<code>${experiment.seed}</code>`,
    File: html`<code>${experiment.file}</code>`,
    Label: result.label !== undefined && result.label,
    Started: result.startedAt,
    Duration: `${duration(result.durationMs)} ${simulated ? 'of virtual time' : 'with start and stop'}`,
    Deadline: duration(experiment.deadlineMs),
    'Requests of each variant': [
      ...new Set(result.variants.map(({ name }) => count(valueIn(result, name, 'offered') ?? 0))),
    ].join(' / '),
    'Exit code': String(result.exitCode),
    Versions: `Spillway ${result.spillway} · Node ${machine.node}${simulated ? '' : ` · nats-server ${machine.nats || none}`}`,
    'Slow motion': slowMotion !== undefined && describeSlowMotion(slowMotion),
    ...ofMachine,
  };
  return {
    lead: simulated
      ? 'With the same file, seed and version of Node, all figures are the same again.'
      : 'With the same seed, arrivals and draws are the same again. The timing depends on the machine.',
    body: html`<dl class="facts">${pairs(facts)}</dl>
<details><summary>The experiment file</summary><pre tabindex="0"><code>${experiment.source}</code></pre></details>`,
  };
}

/** Leads on: the command of the run, the page on which one can change its system, and its page of the course. */
export function nextSection({ command, experiment: { file, name, source } }: Result): Section {
  const [program] = command.split(/ (?:run|simulate|attach|compose) /);
  const hasCode = /\b(?:client|command):/.test(source); // which no page runs
  const isOfCourse = file.endsWith(`experiments/${name}.yaml`);
  const step = (what: string, line: string) =>
    html`<div><dt>${what}</dt><dd><pre class="command" tabindex="0"><code>${line}</code></pre></dd></div>`;
  return {
    body: html`<dl class="next">${!hasCode && step('Watch it, and change it while it runs', `${program} play ${quoted(file)}`)}${step('Run it again', command)}${isOfCourse && html`<div><dt>Read why</dt><dd><code>docs/course/${name}.md</code></dd></div>`}</dl>`,
  };
}
