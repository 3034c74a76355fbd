/** Error in the user's input. The command ends with exit code 104. */
export class InputError extends Error {
  override readonly name: string = 'InputError';
}

export class RunFolderError extends InputError {
  override readonly name = 'RunFolderError';
}
