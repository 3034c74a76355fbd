import {
  type Argument,
  type CommandUnknownOpts,
  InvalidArgumentError,
  type Option,
} from '@commander-js/extra-typings';

/** What is wrong with the values of flags and arguments. */
export const argErrors: string[] = [];

/** Has a command and those below it collect their mistakes, where they would end at the first. */
export function collectArgErrors({ options, registeredArguments, commands }: CommandUnknownOpts): void {
  for (const option of options) collect(option, `option '${option.flags}'`);
  for (const argument of registeredArguments) collect(argument, `argument '${argument.name()}'`);
  for (const command of commands) collectArgErrors(command);
}

function collect(holder: Option | Argument, name: string): void {
  const parse = holder.parseArg;
  if (!parse) return;
  holder.parseArg = (value, previous) => {
    try {
      return parse(value, previous);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      argErrors.push(`error: ${name} with value '${value}' is invalid. ${error.message}`);
      return previous;
    }
  };
}
