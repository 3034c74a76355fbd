/** Converts a schema of complete values to the schema of inputs, in which fields with a default are optional. */
export const asInput = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (_name, value) => {
    if (!Array.isArray(value?.required)) return value;
    const required = value.required.filter((name: string) => value.properties[name].default === undefined);
    return { ...value, required };
  });
