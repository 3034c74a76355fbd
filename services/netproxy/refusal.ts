/** A refused call of the API, in Toxiproxy's words and with its status. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export const badBody = (why: string) => new Refusal(400, `bad request body: ${why}`);
