import { count, duration } from '#lab/experiment/text/format.ts';
import type { CallSeen, Sequence } from './seen.ts';

interface Event {
  readonly atMs: number;
  readonly text: string;
  readonly isNote?: boolean;
}

/** Most lines of a sequence. */
const linesMax = 14;

/** Lists what happened, as lines of a time and an event. Equal events that follow each other are one line. */
export function sequenceLines({
  notes,
  calls,
  others,
}: Sequence): (readonly [time: string, event: string])[] {
  const events: Event[] = [
    ...notes.map((note) => ({ ...note, isNote: true })),
    ...calls.flatMap(eventsOf),
    ...others.map(({ startedAtMs }) => ({ atMs: startedAtMs, text: 'attempt of an unknown call' })),
  ];
  const startMs = Math.min(...events.map(({ atMs }) => atMs));
  const sorted = events.toSorted((a, b) => a.atMs - b.atMs);
  const merged: { fromMs: number; toMs: number; events: number; text: string }[] = [];
  let firstAtTime = 0;
  for (const { atMs, text, isNote } of sorted) {
    if (merged[firstAtTime] && merged.at(-1)!.toMs < atMs) firstAtTime = merged.length - 1;
    const same = isNote ? undefined : merged.slice(firstAtTime).find((each) => each.text === text);
    if (same) {
      same.toMs = atMs;
      same.events += 1;
    } else merged.push({ fromMs: atMs, toMs: atMs, events: 1, text });
  }
  const time = (ms: number) => duration(Math.round(ms - startMs));
  const lines = merged.map(
    ({ fromMs, toMs, events, text }) =>
      [
        time(fromMs) === time(toMs) ? time(fromMs) : `${time(fromMs)} – ${time(toMs)}`,
        events > 1 ? `${count(events)} × ${text}` : text,
      ] as const,
  );
  if (lines.length <= linesMax) return lines;
  const half = Math.floor(linesMax / 2);
  return [
    ...lines.slice(0, half),
    ['…', `${count(lines.length - 2 * half)} more`] as const,
    ...lines.slice(-half),
  ];
}

/** Events of a call. The end of an attempt that ends the call, too, is one event. */
function eventsOf(call: CallSeen): Event[] {
  const { startedAtMs, endedAtMs, isOk, cancelledAtMs, attempts } = call;
  const isQuick = attempts[0]?.startedAtMs === startedAtMs;
  const events: Event[] = [];
  if (attempts.length === 0 && endedAtMs === startedAtMs && isOk === false)
    return [{ atMs: startedAtMs, text: 'call refused without an attempt' }];
  events.push({ atMs: startedAtMs, text: isQuick ? 'call, attempt starts' : 'call, no attempt yet' });
  attempts.forEach((attempt, index) => {
    if (index > 0 || !isQuick)
      events.push({ atMs: attempt.startedAtMs, text: `attempt ${index + 1} starts` });
    const { cancelledAtMs: gaveUpAtMs, status, endedAtMs: atMs } = attempt;
    if (gaveUpAtMs !== undefined) events.push({ atMs: gaveUpAtMs, text: 'attempt aborted' });
    const isLast = atMs === endedAtMs;
    if (status !== undefined && !(isLast && isOk !== undefined))
      events.push({ atMs: atMs!, text: `answered ${status}` });
  });
  if (cancelledAtMs !== undefined && (endedAtMs ?? Number.POSITIVE_INFINITY) >= cancelledAtMs)
    events.push({ atMs: cancelledAtMs, text: 'caller gives up' });
  const status = attempts.find(({ endedAtMs: atMs }) => atMs === endedAtMs)?.status;
  const answered = status === undefined ? '' : `answered ${status}, `;
  if (endedAtMs !== undefined)
    events.push({ atMs: endedAtMs, text: `${answered}call ${isOk ? 'completes' : 'fails'}` });
  return events;
}
