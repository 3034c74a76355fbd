import { sidesText } from '#lab/analysis/hypotheses/sides-text.ts';
import type { Result } from '#lab/result/result.ts';
import { duration } from '#lab/text/format.ts';
import { describeSlowMotion } from './conditions.ts';
import { type Html, html } from './html.ts';
import { describeCheck, verdictOf } from './verdict.ts';

interface JunitCase {
  /** Completes the class name. */
  readonly kind: string;
  readonly name: string;
  readonly end: 'passed' | 'failure' | 'error' | 'skipped';
  readonly text: string;
}

/** Renders a result as a JUnit file: hypotheses, validity checks, ledgers and errors are its test cases. */
export function renderJunit(result: Result): string {
  const { experiment, startedAt, durationMs } = result;
  const cases = casesOf(result);
  const ended = (end: JunitCase['end']) => cases.filter((each) => each.end === end).length;
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

/** Characters that XML 1.0 forbids. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function casesOf(result: Result): JunitCase[] {
  return [
    ...result.hypotheses.map((hypothesis): JunitCase => {
      const { text: name, ok } = hypothesis;
      if (result.status === 'invalid')
        return { kind: 'hypothesis', name, end: 'skipped', text: 'The measurement was invalid.' };
      const end = ok === null ? 'skipped' : endOf(ok);
      return { kind: 'hypothesis', name, end, text: sidesText(hypothesis) };
    }),
    ...result.validity.map((check): JunitCase => {
      const name = `${check.variant}: ${check.name}`;
      return { kind: 'validity', name, end: endOf(check.ok), text: describeCheck(check) };
    }),
    ...result.variants.map(({ name, ledger }): JunitCase => {
      const failing = ledger.checks.filter((check) => !check.ok);
      const text = failing
        .map((check) => `${check.name}: ${JSON.stringify(check.witnesses)} ${check.note}`.trim())
        .join('; ');
      return { kind: 'ledger', name, end: endOf(ledger.balanced), text };
    }),
    ...result.errors.map(({ name, message: text, variant }): JunitCase => {
      return {
        kind: 'error',
        name: variant === undefined ? name : `${variant}: ${name}`,
        end: 'error',
        text,
      };
    }),
  ];
}

const endOf = (ok: boolean) => (ok ? 'passed' : 'failure');

const testcase = (experiment: string, { kind, name, end, text }: JunitCase): Html =>
  html`<testcase classname="${experiment}.${kind}" name="${name}" time="0"${end === 'passed' ? html`/>` : html`><${end} message="${text}"/></testcase>`}
`;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
