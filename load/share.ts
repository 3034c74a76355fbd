export const agentsMax = 64;

/** Part of a plan that one of several agents sends: the requests whose index modulo `of` is `index`. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

export const whole: Share = { index: 0, of: 1 };

export function* shareOf<R extends { readonly index: number }>(
  requests: Iterable<R>,
  { index, of }: Share,
): Generator<R, void, undefined> {
  for (const request of requests) if (request.index % of === index) yield request;
}

/** Divides a total among agents. The parts differ by at most 1, and add up to the total. */
export const partOf = (total: number, { index, of }: Share): number => Math.ceil((total - index) / of);
