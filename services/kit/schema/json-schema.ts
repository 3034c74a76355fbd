/** Properties of a JSON Schema, which TypeBox's own types hide. */
export interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly maxProperties?: number;
  /** Groups of a schema made by `depending`: the value of one field selects the schema of another. */
  readonly allOf?: readonly { readonly if: Schema; readonly then: Schema }[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** Returns a TypeBox schema as a `Schema`, since TypeBox's own types hide its properties. */
export const view = (schema: object): Schema => schema;
