import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Result } from '#lab/result/result.ts';
import { header } from './header.ts';
import { Html, html } from './html.ts';
import { amplificationSection } from './section/amplification.ts';
import { comparisonSection } from './section/comparison.ts';
import { conclusionsSection } from './section/conclusions.ts';
import { configurationSection } from './section/configuration.ts';
import { errorsSection } from './section/errors.ts';
import { glossarySection } from './section/glossary.ts';
import { goodputSection } from './section/goodput.ts';
import { hypothesesSection } from './section/hypotheses.ts';
import { faultsSection, redrivesSection } from './section/incidents.ts';
import { latencySection } from './section/latency.ts';
import { ledgerSection } from './section/ledger.ts';
import { outcomesSection } from './section/outcomes.ts';
import { policiesSection } from './section/policies.ts';
import { predictionsSection } from './section/predictions.ts';
import { recoverySection } from './section/recovery.ts';
import { repeatSection } from './section/repeat.ts';
import { roundsSection } from './section/rounds.ts';
import { renderSection, type Section } from './section/section.ts';
import { seriesSection } from './section/series.ts';
import { validitySection } from './section/validity.ts';
import { windowsSection } from './section/windows.ts';
import { verdictOf } from './verdict.ts';

/** In the order of the page; null if the result has nothing to show. */
const sections: readonly ((result: Result) => Section | null)[] = [
  conclusionsSection,
  hypothesesSection,
  roundsSection,
  comparisonSection,
  goodputSection,
  outcomesSection,
  errorsSection,
  latencySection,
  amplificationSection,
  policiesSection,
  faultsSection,
  recoverySection,
  redrivesSection,
  windowsSection,
  seriesSection,
  predictionsSection,
  validitySection,
  ledgerSection,
  configurationSection,
  repeatSection,
];

/** In the order of the cascade. */
const styles = [import.meta.resolve('uplot/dist/uPlot.min.css'), './style/report.css', './style/print.css'];

/** Renders a result as one HTML file, which loads nothing else. */
export function renderReport(result: Result): string {
  const found = sections.map((section) => section(result)).filter((section) => section !== null);
  const words = glossarySection(html`${header(result)}${found.map(renderSection)}`.text);
  const shown = words ? [...found, words] : found;
  const scripts = scriptsFor(shown);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Spillway ${result.spillway}">
<title>${verdictOf(result).word}: ${result.experiment.title} · Spillway</title>
<link rel="icon" href="data:,">
<style>${styles.map(asset)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="page">
${header(result)}
<nav aria-label="Sections"><ul>${shown.map(({ id, title, short = title }) => html`<li><a href="#${id}">${short}</a></li>`)}</ul></nav>
<main id="main">
${shown.map(renderSection)}
</main>
<footer>Made by Spillway ${result.spillway}. This file is complete: it loads nothing.</footer>
</div>
${scripts.map(
  (script) => html`<script>${script}</script>
`,
)}</body>
</html>
`.text;
}

/** Returns the scripts that the sections on the page need. */
function scriptsFor(shown: readonly Section[]): Html[] {
  const has = (id: string) => shown.some((section) => section.id === id);
  return [
    './client/navigation.js',
    ...(has('goodput') ? ['./client/goodput.js'] : []),
    ...(has('series') ? [import.meta.resolve('uplot/dist/uPlot.iife.min.js'), './client/series.js'] : []),
  ].map(asset);
}

/** Content security policy: the page loads nothing, and only exactly these scripts run. */
function policyFor(scripts: readonly Html[]): string {
  const hashes = scripts.map(({ text }) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    `script-src ${hashes.join(' ') || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Reads a file of this folder or of a package. */
const asset = (name: string): Html => new Html(readFileSync(new URL(name, import.meta.url), 'utf8'));
