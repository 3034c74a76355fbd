import { Validator } from '@seriousme/openapi-schema-validator';

/** Returns the problems of an OpenAPI document. */
export async function lint(document: object): Promise<string[]> {
  const { valid, errors } = await new Validator().validate({ ...document });
  return valid ? [] : [JSON.stringify(errors)];
}
