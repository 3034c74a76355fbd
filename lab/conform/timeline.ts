import { duration, plural } from '#lab/kit/text/format.ts';
import { linearScale } from '#lab/show/chart.ts';
import { type Html, html, type Part } from '#lab/show/html.ts';
import type { Attempt, Call, Sequence } from './seen.ts';

/** Most calls of a timeline: the first and the last ones. */
const rowsMax = 30;
const rowPx = 9;
const barPx = 6;
const gapPx = 3;

/** Draws a row for each call, with a bar for each attempt. */
export function timeline({ calls, notes }: Sequence): Part {
  if (calls.length === 0) return null;
  const shown =
    calls.length > rowsMax ? [...calls.slice(0, rowsMax / 2), ...calls.slice(-rowsMax / 2)] : calls;
  const times = [
    ...shown.flatMap((call) =>
      [call, ...call.attempts].flatMap((each) => [each.startedAtMs, each.endedAtMs]),
    ),
    ...notes.map(({ atMs }) => atMs),
  ].filter((ms) => ms !== undefined);
  const [startMs, endMs] = [Math.min(...times), Math.max(...times)];
  // Room for what starts last, and for what has not ended.
  const spanMs = 1.05 * Math.max(1, endMs - startMs);
  const x = linearScale(spanMs);
  const at = (ms = startMs + spanMs) => x(ms - startMs);
  const heightPx = shown.length * rowPx;
  return html`<figure><svg role="img" aria-label="Timeline of ${plural(shown.length, 'call')}" width="100%" height="${heightPx + 18}" style="overflow: visible">
${notes.map(({ atMs }) => html`<line class="mark" x1="${at(atMs)}%" x2="${at(atMs)}%" y1="0" y2="${heightPx}"/>`)}
${shown.map((call, row) => rowOf(call, row * rowPx, at))}
<text x="0" y="${heightPx + 14}">0 ms</text><text x="${at(endMs)}%" y="${heightPx + 14}" text-anchor="end">${duration(Math.round(endMs - startMs))}</text>
</svg></figure>`;
}

function rowOf(
  { startedAtMs, endedAtMs, isOk, attempts }: Call,
  y: number,
  at: (ms?: number) => number,
): Html {
  const [to, middle] = [at(endedAtMs), y + barPx / 2];
  const end = isOk === undefined ? 'pending' : isOk ? 'ok' : attempts.length > 0 ? 'failed' : 'rejected';
  const bars = attempts.map((attempt) => {
    const width = at(attempt.endedAtMs) - at(attempt.startedAtMs);
    return html`<rect x="${at(attempt.startedAtMs)}%" y="${y}" height="${barPx}" style="width: max(${gapPx}px, ${width}% - ${gapPx}px); fill: var(--o-${outcomeOf(attempt)})"/>`;
  });
  return html`<line x1="${at(startedAtMs)}%" x2="${to}%" y1="${middle}" y2="${middle}" style="stroke: var(--o-unknown)"/>
${bars}<circle cx="${to}%" cy="${middle}" r="2.5" style="fill: var(--o-${end})"/>
`;
}

function outcomeOf({ status, cancelledAtMs }: Attempt): keyof typeof meanings {
  if (cancelledAtMs !== undefined) return 'timeout';
  if (status === undefined) return 'pending';
  return status < 400 ? 'ok' : 'failed';
}

const meanings = {
  ok: 'answered',
  failed: 'failed',
  timeout: 'aborted',
  rejected: 'refused without an attempt',
  pending: 'not ended',
};

export const legend: Html = html`<ul class="legend">${Object.entries(meanings).map(
  ([outcome, text]) => html`<li><i class="swatch" style="background: var(--o-${outcome})"></i>${text}</li>`,
)}</ul>`;
