import { duration, plural } from '#lab/experiment/text/format.ts';
import { linearScale } from '#lab/show/chart.ts';
import { type Html, html, type Part } from '#lab/show/html.ts';
import type { AttemptSeen, CallSeen, Sequence } from './seen.ts';

/** Most calls of a timeline. */
const rowsMax = 30;
const rowPx = 9;
const barPx = 6;

/** Draws a row for each call, with a bar for each attempt. */
export function timeline({ calls, notes }: Sequence): Part {
  const shown = rowsOf(calls);
  if (shown.length === 0) return null;
  const startMs = Math.min(...shown.map(({ startedAtMs }) => startedAtMs), ...notes.map(({ atMs }) => atMs));
  const endMs = Math.max(...shown.flatMap(timesOf), ...notes.map(({ atMs }) => atMs));
  const x = linearScale(Math.max(1, endMs - startMs));
  const at = (ms: number) => x(ms - startMs);
  const more = calls.length - shown.length;
  return html`<figure><svg role="img" aria-label="Timeline of ${plural(shown.length, 'call')}" width="100%" height="${shown.length * rowPx + 18}" style="overflow: visible">
${notes.map(({ atMs }) => html`<line class="mark" x1="${at(atMs)}%" x2="${at(atMs)}%" y1="0" y2="${shown.length * rowPx}"/>`)}
${shown.map((call, row) => rowOf(call, row * rowPx, at, endMs))}
<text x="0" y="${shown.length * rowPx + 14}">0 ms</text><text x="100%" y="${shown.length * rowPx + 14}" text-anchor="end">${duration(Math.round(endMs - startMs))}</text>
</svg>${more > 0 && html`<figcaption>${plural(more, 'more call')} between them</figcaption>`}</figure>`;
}

/** Returns the first and the last calls, if there are too many. */
function rowsOf(calls: readonly CallSeen[]): readonly CallSeen[] {
  if (calls.length <= rowsMax) return calls;
  return [...calls.slice(0, rowsMax / 2), ...calls.slice(-rowsMax / 2)];
}

function rowOf(call: CallSeen, y: number, at: (ms: number) => number, endMs: number): Html {
  const { startedAtMs, endedAtMs = endMs, isOk, attempts } = call;
  const middle = y + barPx / 2;
  const end = isOk === undefined ? 'pending' : isOk ? 'ok' : attempts.length > 0 ? 'failed' : 'rejected';
  return html`<line x1="${at(startedAtMs)}%" x2="${at(endedAtMs)}%" y1="${middle}" y2="${middle}" style="stroke: var(--o-unknown)"/>
${attempts.map((attempt) => barOf(attempt, y, at, endMs))}<circle cx="${at(endedAtMs)}%" cy="${middle}" r="2.5" style="fill: var(--o-${end})"/>
`;
}

function barOf(attempt: AttemptSeen, y: number, at: (ms: number) => number, endMs: number): Html {
  const { startedAtMs, endedAtMs = endMs, status, cancelledAtMs } = attempt;
  const outcome =
    cancelledAtMs !== undefined
      ? 'timeout'
      : status === undefined
        ? 'pending'
        : status < 400
          ? 'ok'
          : 'failed';
  const width = Math.max(0.3, at(endedAtMs) - at(startedAtMs));
  return html`<rect x="${at(startedAtMs)}%" y="${y}" width="${width}%" height="${barPx}" style="fill: var(--o-${outcome})"/>`;
}

const timesOf = ({ startedAtMs, endedAtMs, attempts }: CallSeen): number[] => [
  startedAtMs,
  endedAtMs ?? startedAtMs,
  ...attempts.flatMap((attempt) => [attempt.startedAtMs, attempt.endedAtMs ?? attempt.startedAtMs]),
];

export const legend: Html = html`<ul class="legend">${Object.entries({
  ok: 'answered',
  failed: 'failed',
  timeout: 'aborted',
  rejected: 'refused without an attempt',
  pending: 'not ended',
}).map(
  ([outcome, text]) => html`<li><i class="swatch" style="background: var(--o-${outcome})"></i>${text}</li>`,
)}</ul>`;
