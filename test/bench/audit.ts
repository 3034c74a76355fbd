import { join } from 'node:path';
import { measure } from '#lab/analysis/measure.ts';
import { usualBroker } from '#lab/engine/broker-options.ts';
import { readEffects } from '#lab/evidence/effects.ts';
import { readRecord } from '#lab/evidence/requests.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { Summary } from '#load/protocol.ts';

const [folder = '', sizeText] = process.argv.slice(2);
const size = Number(sizeText);
const noPercentiles = { count: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p95Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };
const summary: Summary = {
  elapsedMs: size,
  offered: size,
  inFlight: 0,
  outcomes: { ok: size },
  startedAtMs: 0,
  planned: size,
  accepted: 0,
  duplicates: 0,
  lag: noPercentiles,
  latency: null,
  firstErrors: {},
  cpuMs: 0,
  rssPeakBytes: 0,
  stalled: { stalls: [], complete: true },
};
const experiment = parseExperiment(
  `
title: audit
deadlineMs: 2000
load: [{ arrivals: { kind: constant, ratePerSecond: 1000, forMs: 1000 } }]
variants: { rpc: { path: rpc, policies: [] } }
`,
  'audit.yaml',
);
const scrapes = { downstream: new Map(), gateway: new Map(), publisher: new Map(), consumer: new Map() };

// Measures one run from the files in a folder, as the lab does, and says how much memory that took at most.
const { ledger } = measure(
  experiment,
  {
    name: 'rpc',
    summary,
    requests: await readRecord(join(folder, 'requests.csv'), size),
    effects: await readEffects(join(folder, 'effects.ndjson'), size),
    remains: undefined,
    samples: [],
    grown: scrapes,
    each: new Map(),
    awake: scrapes.downstream,
    peakInFlight: 0,
    restarted: [],
    foreign: [],
    unsteady: [],
    unwarmed: 0,
    warmUpErrors: {},
    atWork: 0,
    injected: [],
    redriven: [],
    byHand: [],
    stalls: { all: [], incomplete: [] },
    configs: { downstream: {}, gateway: {}, publisher: {}, consumer: {}, nats: usualBroker },
    ran: usualBroker,
    durationMs: size,
  },
  [2000],
);
if (!ledger.checks[0]!.ok) throw new Error('expected every request in the record');
process.stdout.write(`${process.resourceUsage().maxRSS * 1024}\n`);
