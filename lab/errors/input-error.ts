/** What the user gave is wrong: the command says so and ends with 104. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
}
