import { count, duration } from '#lab/kit/text/format.ts';
import type { Call, Sequence } from './seen.ts';

interface Event {
  readonly atMs: number;
  readonly text: string;
  readonly isNote?: boolean;
}

type Line = readonly [time: string, event: string];

/** Most lines of a sequence. */
const linesMax = 14;

/** Lists what happened, as lines of a time and an event. Equal events that follow each other are one line. */
export function sequenceLines({ notes, calls, others }: Sequence): Line[] {
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
  const lines = merged.map(({ fromMs, toMs, events, text }): Line => {
    const [from, to] = [time(fromMs), time(toMs)];
    return [from === to ? from : `${from} – ${to}`, events > 1 ? `${count(events)} × ${text}` : text];
  });
  if (lines.length <= linesMax) return lines;
  const more = count(lines.length - linesMax);
  return [...lines.slice(0, linesMax / 2), ['…', `${more} more`], ...lines.slice(-linesMax / 2)];
}

/** Returns the lines as a text, with the times in a column. */
export function sequenceText(sequence: Sequence): string {
  const lines = sequenceLines(sequence);
  const width = Math.max(0, ...lines.map(([time]) => time.length));
  return lines.map(([time, event]) => `${time.padEnd(width)}  ${event}`).join('\n');
}

/** Events of a call. The end of an attempt that ends the call, too, is one event. */
function eventsOf({ startedAtMs, endedAtMs, isOk, cancelledAtMs, attempts }: Call): Event[] {
  if (attempts.length === 0 && endedAtMs === startedAtMs && isOk === false)
    return [{ atMs: startedAtMs, text: 'call refused without an attempt' }];
  const events: Event[] = [];
  const add = (atMs: number | undefined, text: string) => atMs !== undefined && events.push({ atMs, text });
  const isQuick = attempts[0]?.startedAtMs === startedAtMs;
  add(startedAtMs, isQuick ? 'call, attempt starts' : 'call, no attempt yet');
  for (const [index, attempt] of attempts.entries()) {
    if (index > 0 || !isQuick) add(attempt.startedAtMs, `attempt ${index + 1} starts`);
    add(attempt.cancelledAtMs, 'attempt aborted');
    if (attempt.status !== undefined && attempt.endedAtMs !== endedAtMs)
      add(attempt.endedAtMs, `answered ${attempt.status}`);
  }
  if ((endedAtMs ?? Number.POSITIVE_INFINITY) >= (cancelledAtMs ?? 0)) add(cancelledAtMs, 'caller gives up');
  const status = attempts.find(({ endedAtMs: atMs }) => atMs === endedAtMs)?.status;
  const answered = status === undefined ? '' : `answered ${status}, `;
  add(endedAtMs, `${answered}call ${isOk ? 'completes' : 'fails'}`);
  return events;
}
