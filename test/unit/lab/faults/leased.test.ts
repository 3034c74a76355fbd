import type { TObject } from 'typebox';
import { expect, test } from 'vitest';
import { application } from '#lab/faults/application.ts';
import type { Hands, Kind } from '#lab/faults/kind.ts';

test.each([
  ['failure', 10_000],
  ['freeze', 70_000],
] as const)(
  'leased lets the end of %s take %s ms, since only a target that stands still answers later',
  async (kind, expected) => {
    const withinMs: unknown[] = [];
    const request = async (...[, , , within]: unknown[]) => {
      withinMs.push(within);
      return '[]';
    };
    const controls = { downstream: { processes: new Map([['downstream', { request }]]) } };
    const harm = {
      name: 'f',
      target: 'downstream',
      forMs: 60_000,
      options: { kind },
      config: undefined,
    } as const;
    await (application[kind] as unknown as Kind<TObject>).end({ controls } as unknown as Hands, harm);
    expect(withinMs).toEqual([expected]);
  },
);
