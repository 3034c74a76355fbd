import { Validator } from '@seriousme/openapi-schema-validator';

export async function lint(document: object): Promise<string[]> {
  const { valid, errors } = await new Validator().validate({ ...document });
  return valid ? [] : [JSON.stringify(errors)];
}
