const pattern = /^(?!-)(?=.{1,40}$)[a-z0-9-]*[a-z][a-z0-9-]*$/;

/** What `isName` takes, for a schema. */
export const namePattern = pattern.source;

/** Whether it can name a variant, a fault or a class: fit for folders and headers, and never taken for a number. */
export const isName = (text: unknown): text is string => typeof text === 'string' && pattern.test(text);

/** What is said of what is none. */
export const nameExpected =
  'expected a name of at most 40 small letters, digits and hyphens, with a letter in it';
