import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import type { Result } from '#lab/result/result.ts';
import { duration } from '#lab/text/format.ts';
import { type Html, html, type Part } from './html.ts';
import { describeSlowMotion } from './slow-motion.ts';
import { describeCheck, verdictOf } from './verdict.ts';

interface Case {
  /** What kind of thing was checked: completes the class name. */
  readonly kind: string;
  readonly name: string;
  readonly end: Ended;
  readonly text?: string;
}

type Ended = 'passed' | 'failure' | 'error' | 'skipped';

/** The result as a JUnit file: hypotheses, validity checks, ledgers and errors are its test cases. */
export function renderJunit(result: Result): string {
  const { experiment, startedAt, durationMs } = result;
  const cases = casesOf(result);
  const ended = (end: Ended) => cases.filter((each) => each.end === end).length;
  const counts = html`tests="${cases.length}" failures="${ended('failure')}" errors="${ended('error')}" skipped="${ended('skipped')}" time="${seconds(durationMs)}"`;
  const xml = html`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="spillway" ${counts}>
<testsuite name="${experiment.name}" ${counts} timestamp="${startedAt}">
<properties>
<property name="status" value="${result.status}"/>
<property name="seed" value="${experiment.seed}"/>
<property name="command" value="${result.command}"/>
${
  result.slowMotion
    ? html`<property name="slowMotion" value="${result.slowMotion.factor}"/>
<property name="slowMotionReason" value="${describeSlowMotion(result.slowMotion)}"/>
`
    : null
}</properties>
${cases.map((each) => testcase(experiment.name, each))}<system-out>${verdictOf(result).sentence} The whole run took ${duration(durationMs)}, with the start and stop of its testbed.</system-out>
</testsuite>
</testsuites>
`;
  return xml.text.replace(forbidden, '\ufffd');
}

/** Everything but the characters that XML 1.0 allows. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function casesOf(result: Result): Case[] {
  const invalid = result.status === 'invalid';
  return [
    ...result.hypotheses.map((hypothesis): Case => {
      const { text, ok } = hypothesis;
      if (invalid)
        return { kind: 'hypothesis', name: text, end: 'skipped', text: 'The measurement was invalid.' };
      if (ok === null) return { kind: 'hypothesis', name: text, end: 'skipped', text: sidesText(hypothesis) };
      return { kind: 'hypothesis', name: text, end: ok ? 'passed' : 'failure', text: sidesText(hypothesis) };
    }),
    ...result.validity.map((check): Case => {
      const name = `${check.variant}: ${check.name}`;
      return { kind: 'validity', name, end: check.ok ? 'passed' : 'failure', text: describeCheck(check) };
    }),
    ...result.variants.map(({ name, ledger }): Case => {
      const off = ledger.checks.filter((check) => !check.ok);
      const text = off
        .map((check) => `${check.name}: ${JSON.stringify(check.witnesses)} ${check.note}`.trim())
        .join('; ');
      return { kind: 'ledger', name, end: ledger.balanced ? 'passed' : 'failure', text };
    }),
    ...result.errors.map(({ name, message, variant }): Case => {
      return {
        kind: 'error',
        name: variant === undefined ? name : `${variant}: ${name}`,
        end: 'error',
        text: message,
      };
    }),
  ];
}

function testcase(experiment: string, { kind, name, end, text = '' }: Case): Html {
  return html`<testcase classname="${experiment}.${kind}" name="${name}" time="0"${body(end, text)}
`;
}

function body(end: Ended, text: string): Part {
  switch (end) {
    case 'passed':
      return html`/>`;
    case 'skipped':
      return html`><skipped message="${text}"/></testcase>`;
    case 'failure':
      return html`><failure message="${text}"/></testcase>`;
    case 'error':
      return html`><error message="${text}"/></testcase>`;
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
