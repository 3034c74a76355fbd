import { parser } from '@prometheus-io/lezer-promql';

/** Parts of a PromQL expression. */
interface Parsed {
  readonly metrics: readonly string[];
  /** Functions over a selector's range, with the range as written: `rate`, `30s`. */
  readonly ranges: readonly (readonly [name: string, range: string])[];
  /** Label matchers as written: `le="0.5"`. */
  readonly matchers: readonly string[];
  /** True if the expression aggregates series anywhere. */
  readonly aggregates: boolean;
}

/** Parses an expression without variables. Throws if the text isn't a valid expression. */
export function parsePromql(expr: string): Parsed {
  const metrics = new Set<string>();
  const ranges: [string, string][] = [];
  const matchers: string[] = [];
  let aggregates = false;
  parser.parse(expr).iterate({
    enter(node) {
      const text = (from = node.from, to = node.to) => expr.slice(from, to);
      if (node.type.isError) throw new Error(`no PromQL at ${node.from} of ${expr}`);
      if (node.name === 'Identifier') metrics.add(text());
      if (node.name === 'AggregateExpr') aggregates = true;
      if (node.name === 'UnquotedLabelMatcher') matchers.push(text());
      if (node.name === 'FunctionCall') {
        const selector = node.node.getChild('FunctionCallBody')?.getChild('MatrixSelector');
        const range = selector?.getChild('DurationExpr');
        const name = node.node.getChild('FunctionIdentifier')!;
        if (range) ranges.push([text(name.from, name.to), text(range.from, range.to)]);
      }
    },
  });
  return { metrics: [...metrics], ranges, matchers, aggregates };
}
