import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';

/** Thrown if code of a user ends a simulation, such as by an error outside a call. */
export class ClientError extends TestbedError {
  constructor(message: string, cause?: unknown) {
    super('client', message, { cause });
  }
}
