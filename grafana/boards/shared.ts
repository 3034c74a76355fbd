import { graph, type PanelOptions, type Thresholds } from '#grafana/panels.ts';
import { rate } from '#grafana/promql.ts';

export const oldest = {
  'Age of the oldest': graph(
    'How long the oldest event has been in the stream. Beyond the deadline all work is wasted.',
    { oldest: 'max(spillway_stream_oldest_age_seconds)', deadline: 'max(spillway_load_deadline_seconds)' },
    { unit: 's', see: ['burst'] },
  ),
};

export const deliveries = {
  Deliveries: graph(
    'What became of each delivery: done, to be repeated, dead-lettered, given back undone, or dropped since its letter was redriven twice.',
    { '{{result}}': rate('spillway_deliveries_total', 'result') },
    { unit: 'ops', width: 8, stacked: true },
  ),
};

export const deadLetters = {
  Letters: graph(
    'Events that were given up and stay until somebody looks at them.',
    { letters: 'max(spillway_dead_letter_messages)' },
    { thresholds: { 1: 'orange' } },
  ),
};

export const givenUp = {
  'Given up, by reason': graph(
    "Events a second that used up their deliveries, by how the last one ended; the same word is in the letter's header `Spillway-Reason`.",
    { '{{reason}}': rate('spillway_dead_letters_total', 'reason') },
    { unit: 'eps', stacked: true },
  ),
};

/** Colours of a goodput. */
export const goodputColours: Pick<PanelOptions, 'base' | 'thresholds'> = {
  base: 'red',
  thresholds: { 0.5: 'orange', 0.95: 'green' },
};

/** Colours of attempts per request. */
export const amplificationColours: Thresholds = { 1.5: 'orange', 2: 'red' };
