import { describeCapacity, describeSlowMotion } from '#lab/report/conditions.ts';
import { html, type Part } from '#lab/report/html.ts';
import type { Result } from '#lab/result/result.ts';
import { gigabytes, none, number } from '#lab/text/format.ts';
import type { Section } from './section.ts';

/** Section with the command that repeats the run, and the machine it ran on. */
export function repeatSection({
  command,
  experiment,
  machine,
  capacity,
  slowMotion,
  spillway,
  startedAt,
  exitCode,
}: Result): Section {
  const facts: [string, Part][] = [
    ['Seed', html`<code>${experiment.seed}</code>`],
    ['File', html`<code>${experiment.file}</code>`],
    ['Started', startedAt],
    ['Exit code', String(exitCode)],
    ['Versions', `Spillway ${spillway} · Node ${machine.node} · nats-server ${machine.nats || none}`],
    [
      'Machine',
      `${machine.cpus} × ${machine.cpuModel} · ${gigabytes(machine.memoryBytes)} · ${machine.platform}`,
    ],
    ...(slowMotion ? [['Slow motion', describeSlowMotion(slowMotion)] satisfies [string, Part]] : []),
    ...(capacity ? [['Capacity', describeCapacity(capacity)] satisfies [string, Part]] : []),
    ['Load before', `${number(machine.loadAverage)} (one-minute average)`],
  ];
  return {
    id: 'repeat',
    short: 'Repeat',
    title: 'Run it again',
    lead: "The seed repeats the arrivals and the draws of every attempt; timing is the machine's own.",
    body: html`<pre class="command" tabindex="0"><code>${command}</code></pre>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<details><summary>The experiment file</summary><pre tabindex="0"><code>${experiment.source}</code></pre></details>`,
  };
}
