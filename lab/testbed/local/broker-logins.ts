import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeLogins } from '#kit/broker/login.ts';

const files = { publisher: 'broker-credentials', consumer: 'consumer-credentials' } as const;

/** Logins of one testbed's broker, and the files that its services read them from, since others see arguments and environments. */
export class BrokerLogins {
  readonly common: string;
  readonly authorization: string;
  readonly #folder: string;

  /** Writes the files into `folder`, for this user alone. */
  constructor(folder: string) {
    const { common, consumer, authorization } = makeLogins();
    this.common = common;
    this.authorization = authorization;
    this.#folder = folder;
    this.forget(); // what is left of an earlier testbed may be readable by others
    writeFileSync(this.file('publisher'), common, { mode: 0o600 });
    writeFileSync(this.file('consumer'), consumer, { mode: 0o600 });
  }

  file(service: keyof typeof files): string {
    return join(this.#folder, files[service]);
  }

  forget(): void {
    for (const file of Object.values(files)) rmSync(join(this.#folder, file), { force: true });
  }
}
