import { table } from '#lab/build/reference/tables.ts';

/** Part of an OpenAPI document that tests read. */
export interface Document {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

export interface Operation {
  readonly summary?: string;
  readonly requestBody?: object;
  readonly responses: object;
}

/** Returns the operations of a port with their routes, like `GET /config`. */
export const operationsOf = ({ paths }: Document): [route: string, Operation][] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

/** Returns docs/reference/http.md with the routes of these ports. Routes common to all control ports appear once. */
export function withRoutes(page: string, traffic: readonly Document[], control: readonly Document[]): string {
  const [first, ...others] = control.map((port) => new Map(operationsOf(port)));
  const common = [...first!].filter(([route]) => others.every((routes) => routes.has(route)));
  const names = common.map(([route]) => route);
  const sections = [
    ...traffic.map((port) => section(port.info, operationsOf(port))),
    section({ title: 'Every control port', description: 'Health, metrics and configuration.' }, common),
    ...control.map((port) =>
      section(
        { title: port.info.title, description: 'Besides those of every control port:' },
        operationsOf(port).filter(([route]) => !names.includes(route)),
      ),
    ),
  ];
  const text = sections.filter((one) => one !== '').join('\n');
  return page.replace(/(?<=<!-- routes -->\n)[^<]*(?=<!-- end of routes -->)/, () => text);
}

function section(
  { title, description }: Document['info'],
  operations: readonly (readonly [route: string, Operation])[],
): string {
  if (operations.length === 0) return '';
  const rows = operations.map(([route, { summary = '' }]) => [`\`${route}\``, summary]);
  return `## ${title}\n\n${description}\n\n${table(['route', 'does'], rows)}`;
}
