import { TestbedError } from '#lab/kit/errors/testbed-error.ts';

/** Thrown if a program of the user fails, such as by an error outside a call. Other variants don't depend on it. */
export class ClientError extends TestbedError {
  constructor(message: string, cause?: unknown) {
    super('client', message, { cause });
  }
}

/** Returns the failure of a module that could not be imported. */
export const unloadable = (error: unknown): ClientError =>
  new ClientError(`the client can't be loaded: ${textOf(error)}`, error);

/** Returns the message of an error, and the place that threw it. */
export const textOf = (error: unknown): string => {
  // The stack of a syntax error begins with its place.
  if (error instanceof SyntaxError) return `${error} ${error.stack?.split('\n', 1)}`;
  const [message, place = ''] = ((error as Partial<Error> | null)?.stack ?? String(error)).split(/\n\s+/, 2);
  return place.startsWith('at ') ? `${message} ${place}` : message!;
};
