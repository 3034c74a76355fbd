/** Attempts that downstream received for a request. */
export interface Attempts {
  readonly id: string;
  readonly attempts: number;
}

/** The line of a request in `GET /attempts`, with the fields in the order of `attemptsPattern`. */
export const attemptsLine = ({ id, attempts }: Attempts): string => JSON.stringify({ id, attempts });

/** Such a line, with both fields as its groups. */
export const attemptsPattern = /^\{"id":"([^"]+)","attempts":(\d+)\}$/;

/** The first line of `GET /attempts` if ids were forgotten: the attempts of those that are not in it are unknown. */
export const forgottenLine = '{"forgotten":true}';
