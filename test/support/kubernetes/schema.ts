import type { KubernetesObject } from './render.ts';

/** Validator that `kubernetes-models` has compiled from a schema of the API. */
interface Validate {
  (value: unknown): boolean;
  readonly errors: readonly { readonly instancePath: string; readonly message?: string; params: object }[];
}

/** Beginnings of the schemas' names, by API. */
const prefixes: Readonly<Record<string, string>> = {
  v1: 'IoK8sApiCoreV1',
  'apps/v1': 'IoK8sApiAppsV1',
  'batch/v1': 'IoK8sApiBatchV1',
  'networking.k8s.io/v1': 'IoK8sApiNetworkingV1',
};

/** Reports what the schema of an object's kind doesn't allow. Also reports fields that the schema doesn't have. */
export async function schemaProblems(object: KubernetesObject): Promise<string[]> {
  const prefix = prefixes[object.apiVersion];
  if (prefix === undefined) return [`/apiVersion: no schema for ${object.apiVersion}`];
  const module = `kubernetes-models/_schemas/${prefix}${object.kind}`;
  const { validate } = (await import(module)) as { validate: Validate };
  const read = new Set<string>();
  const problems = validate(recorded(object, '', read))
    ? []
    : validate.errors.map(({ instancePath, params }) => `${instancePath}: ${JSON.stringify(params)}`);
  return [...problems, ...unread(object, '', read)];
}

/** Returns a view of a value that records the paths of all fields that are read. */
function recorded<T>(value: T, path: string, read: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get(target, key) {
      const child = Reflect.get(target, key);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return child;
      read.add(`${path}/${key}`);
      return recorded(child, `${path}/${key}`, read);
    },
  });
}

/** Reports fields that no validator has read. A validator reads exactly the fields that its schema has. */
function unread(value: unknown, path: string, read: ReadonlySet<string>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const at = `${path}/${key}`;
    return read.has(at) ? unread(child, at, read) : [`${at}: unknown field`];
  });
}
