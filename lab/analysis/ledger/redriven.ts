import type { Remains } from '#lab/analysis/observation/observation.ts';
import type { Ledger } from '#lab/result/result.ts';

/** What was sent again of the dead letters. */
export interface Redriven {
  /** Those of the letters. */
  readonly requests: ReadonlySet<number>;
  readonly letters: number;
  /** Letters of which nobody can say, since a redrive failed at them. */
  readonly doubtful: number;
}

/** Holds what a redrive says against the receipts, which Spillway's consumer leaves for each letter whose event it does. */
export function redriveChecks(
  { requests, letters, doubtful }: Redriven,
  remains: Remains | undefined,
  isForeign: boolean,
): Ledger['checks'] {
  if (letters + doubtful === 0) return [];
  const receipts = remains?.receipts ?? 0;
  const waiting = [...requests].filter((index) => remains?.pending.has(index)).length;
  const agree = receipts + waiting >= letters && receipts <= letters + doubtful;
  const note = isForeign ? "consumer is not Spillway's and leaves none: not compared" : '';
  return [
    {
      name: 'the consumer took every redriven event once',
      ok: isForeign || agree,
      witnesses: { redriven: letters, 'receipts of the consumer': receipts, 'still in the stream': waiting },
      note: note || (agree ? '' : 'the witnesses differ'),
    },
  ];
}
