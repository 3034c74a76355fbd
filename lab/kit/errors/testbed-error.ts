/** Error of the testbed, not of the system under test. Its name appears in reports. */
export class TestbedError extends Error {
  override readonly name: string;

  /** `name` is stable, e.g. `nats-server-missing`; the message says what is wrong and what to do. */
  constructor(name: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
