import type { Filter } from '#lab/testbed/dead-letters/filter.ts';

/** What every `dlq` command takes. */
export interface DeadLetterOptions {
  readonly url?: string;
  readonly json?: boolean;
}

/** What those take that choose among the letters. */
export interface FilterOptions extends DeadLetterOptions {
  readonly reason?: readonly string[];
  readonly id?: readonly string[];
  readonly olderThan?: number;
  readonly newerThan?: number;
  readonly limit?: number;
}

export const filterOf = ({ reason, id, olderThan, newerThan, limit }: FilterOptions): Filter => ({
  ...(reason && { reasons: reason }),
  ...(id && { ids: id }),
  ...(olderThan !== undefined && { olderThanMs: olderThan }),
  ...(newerThan !== undefined && { newerThanMs: newerThan }),
  ...(limit !== undefined && { limit }),
});
