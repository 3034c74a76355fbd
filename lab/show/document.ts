import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assetFile } from '#kit/process/installation.ts';
import { Html, html, type Part } from './html.ts';

interface Page {
  readonly version: string;
  readonly title: string;
  /** Header. It has a button `copy`, and the text that this copies. */
  readonly top: Html;
  readonly links: readonly { readonly id: string; readonly name: string }[];
  readonly main: Part;
  /** Scripts besides those of every page. */
  readonly scripts: readonly Html[];
  /** Style sheets besides those of every page. */
  readonly styles?: readonly Html[];
}

/** Returns the text of a file as markup. */
export const asset = (file: string): Html => new Html(readFileSync(file, 'utf8'));

/** Returns the path of a file in this folder. */
export const ownFile = (name: string): string => assetFile(`lab/show/${name}`);

const stylesOf = (...names: readonly string[]): Html[] =>
  names.map((name) => asset(ownFile(`style/${name}.css`)));

export function renderDocument({ version, title, top, links, main, scripts, styles = [] }: Page): string {
  const own = ['client/navigation.js', 'client/copy.js'].map((name) => asset(ownFile(name)));
  const all = [...own, ...scripts];
  const body = html`<a class="skip" href="#main">Skip to the report</a>
<div class="page">
${top}
<nav aria-label="Sections"><ul>${links.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="main">
${main}</main>
<footer>Made by Spillway ${version}. This file is complete: it loads nothing.</footer>
</div>
${all.map(
  (script) => html`<script>${script}</script>
`,
)}`;
  return renderPage({
    version,
    title,
    body,
    styles: [...stylesOf('report', 'print'), ...styles],
    policy: policyFor(all),
  });
}

/** Returns a page of this body, with its styles and its content security policy. */
export function renderPage({ version, title, body, styles, policy }: Skeleton): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Spillway ${version}">
<title>${title} · Spillway</title>
<link rel="icon" href="data:,">
<style>${stylesOf('colours', 'base')}${styles}</style>
</head>
<body>
${body}</body>
</html>
`.text;
}

interface Skeleton extends Required<Pick<Page, 'version' | 'title' | 'styles'>> {
  readonly body: Html;
  readonly policy: string;
}

/** Returns the content security policy: the page loads nothing, and only these scripts run. `more` allows more. */
export function policyFor(scripts: readonly Html[], ...more: readonly string[]): string {
  const hashes = scripts.map(({ text }) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  return [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    `script-src ${hashes.join(' ') || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    ...more,
  ].join('; ');
}
