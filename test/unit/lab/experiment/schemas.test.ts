import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { ConsumerConfig } from '#consumer/config.ts';
import { DownstreamConfig } from '#downstream/config.ts';
import { GatewayConfig } from '#gateway/config.ts';
import { RunRecord, VariantRecord } from '#lab/evidence/format.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Result } from '#lab/judge/result/result.ts';
import { NetproxyConfig } from '#netproxy/config.ts';
import { PublisherConfig } from '#publisher/config.ts';

const ajv = new Ajv({ strict: false });

// Ajv checks the schemas here, and not in each process, where this would delay the start by 40 ms.
test.each(
  Object.entries({
    ...{ Experiment, Result, RunRecord, VariantRecord },
    ...{ ConsumerConfig, DownstreamConfig, GatewayConfig, NetproxyConfig, PublisherConfig },
  }),
)('%s is a valid JSON Schema', (_name, schema) => {
  void ajv.validateSchema(schema);
  expect(ajv.errors ?? []).toEqual([]);
});

test('a limit that is no number is no valid JSON Schema', () => {
  expect(ajv.validateSchema({ type: 'number', minimum: 'x' })).toBe(false);
});
