import { sidesText } from '#lab/judge/hypotheses/sides-text.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { duration } from '#lab/kit/text/format.ts';
import { describeSlowMotion } from './conditions.ts';
import { type Html, html } from './html.ts';
import { describeCheck, verdictOf } from './verdict.ts';

type JunitCase = ReturnType<typeof casesOf>[number];

/** Renders a result as a JUnit file whose test cases are hypotheses, validity checks, ledgers and errors. */
export function renderJunit(result: Result): string {
  const { experiment, startedAt, durationMs } = result;
  const cases = casesOf(result);
  const ended = (end: JunitCase['end']) => cases.filter((each) => each.end === end).length;
  const counts = html`tests="${cases.length}" failures="${ended('failure')}" errors="${ended('error')}" skipped="${ended('skipped')}" time="${(durationMs / 1000).toFixed(3)}"`;
  const xml = html`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="spillway" ${counts}>
<testsuite name="${experiment.name}" ${counts} timestamp="${startedAt}">
<properties>
${Object.entries(propertiesOf(result)).map(
  ([name, value]) => html`<property name="${name}" value="${value}"/>
`,
)}</properties>
${cases.map((each) => testcase(experiment.name, each))}<system-out>${verdictOf(result).sentence} The whole run took ${duration(durationMs)}, with the start and stop of its testbed.</system-out>
</testsuite>
</testsuites>
`;
  return xml.text.replace(forbidden, '\ufffd');
}

const propertiesOf = ({ status, experiment: { seed }, command, label, slowMotion }: Result) => ({
  ...{ status, seed, command },
  ...(label !== undefined && { label }),
  ...(slowMotion && {
    slowMotion: slowMotion.factor,
    slowMotionReason: describeSlowMotion(slowMotion),
  }),
});

/** Characters that XML 1.0 forbids. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function casesOf(result: Result) {
  return [
    ...result.hypotheses.map((hypothesis) => ({
      kind: 'hypothesis',
      name: hypothesis.text,
      end: endOf(hypothesis.ok),
      text: sidesText(hypothesis),
    })),
    ...(result.leftOut?.hypotheses ?? []).map((text) => ({
      kind: 'hypothesis',
      name: text,
      end: 'skipped' as const,
      text: 'It names a variant that --only left out.',
    })),
    ...result.validity.map((check) => ({
      kind: 'validity',
      name: `${check.variant}: ${check.name}`,
      // The failed check of a variant that no hypothesis names does not fail a run that held.
      end: endOf(check.ok || (result.exitCode === 0 ? null : false)),
      text: describeCheck(check),
    })),
    ...result.variants.map(({ name, ledger: { balanced, checks } }) => ({
      kind: 'ledger',
      name,
      end: endOf(balanced),
      text: checks
        .filter((check) => !check.ok)
        .map((check) => `${check.name}: ${JSON.stringify(check.witnesses)} ${check.note}`.trim())
        .join('; '),
    })),
    ...result.errors.map(({ name, message, variant }) => ({
      kind: 'error',
      name: variant === undefined ? name : `${variant}: ${name}`,
      end: 'error' as const,
      text: message,
    })),
  ];
}

const endOf = (ok: boolean | null) => (ok === null ? 'skipped' : ok ? 'passed' : 'failure');

const testcase = (experiment: string, { kind, name, end, text }: JunitCase): Html =>
  html`<testcase classname="${experiment}.${kind}" name="${name}" time="0"${end === 'passed' ? html`/>` : html`><${end} message="${text}"/></testcase>`}
`;
