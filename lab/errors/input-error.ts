/** Error in the user's input: the command ends with 104. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
}
