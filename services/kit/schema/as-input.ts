/** Returns the schema of values whose defaults aren't filled in yet: a field with a default may be left out. */
export const asInput = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (_name, value) => {
    if (!Array.isArray(value?.required)) return value;
    const required = value.required.filter((name: string) => value.properties[name].default === undefined);
    return { ...value, required };
  });
