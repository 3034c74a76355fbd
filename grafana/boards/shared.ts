import { graph, type PanelOptions, type Thresholds } from '#grafana/panels.ts';
import { rate } from '#grafana/promql.ts';

export const oldest = {
  'Oldest event': graph(
    'Age of the oldest event in the stream. Beyond the deadline its work is wasted.',
    { oldest: 'max(spillway_stream_oldest_age_seconds)', deadline: 'max(spillway_load_deadline_seconds)' },
    { unit: 's' },
  ),
};

export const deliveries = {
  Deliveries: graph(
    'Ended deliveries by result. `duplicate`: another message of the same event was processed.',
    { '{{result}}': rate('spillway_deliveries_total', 'result') },
    { unit: 'ops', width: 8, stacked: true },
  ),
};

export const deadLetters = {
  'Dead letters': graph(
    'Dead-lettered events, until they are redriven or purged.',
    { letters: 'max(spillway_dead_letter_messages)' },
    { thresholds: { 1: 'orange' } },
  ),
};

export const givenUp = {
  'Dead-lettered by reason': graph(
    'Dead-lettered events a second. The dead letter has the reason in its header `Spillway-Reason`.',
    { '{{reason}}': rate('spillway_dead_letters_total', 'reason') },
    { unit: 'eps', stacked: true },
  ),
};

/** Colours of goodput, each from its lowest value on. */
export const goodputColours: Pick<PanelOptions, 'base' | 'thresholds'> = {
  base: 'red',
  thresholds: { 0.5: 'orange', 0.95: 'green' },
};

/** Colours of attempts per request, each from its lowest value on. */
export const amplificationColours: Thresholds = { 1.5: 'orange', 2: 'red' };
