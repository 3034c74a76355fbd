import type { AnnotationQuery, Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/** Returns the panels of a dashboard, including panels in collapsed rows. A row itself is no panel. */
export const panelsOf = ({ panels = [] }: Dashboard): Panel[] =>
  panels.flatMap((panel) => ('panels' in panel ? panel.panels : panel));

export const targetsOf = ({ targets = [] }: Panel): Dataquery[] => targets as Dataquery[];

export const annotationsOf = ({ annotations }: Dashboard): AnnotationQuery[] => annotations?.list ?? [];

/** Query of a dashboard. `where` names the dashboard, the panel and the legend. */
export interface Question {
  readonly where: string;
  readonly expr: string;
}

/** Returns every query of a dashboard, including those of its annotations. */
export function questionsOf(board: Dashboard): Question[] {
  const panels = panelsOf(board).flatMap((panel) =>
    targetsOf(panel).map(({ legendFormat, expr }) => ({
      where: `${board.title} > ${panel.title} > ${legendFormat}`,
      expr,
    })),
  );
  const annotations = annotationsOf(board).map(({ name, target }) => ({
    where: `${board.title} > annotation ${name}`,
    expr: (target as Dataquery).expr,
  }));
  return [...panels, ...annotations];
}

/** Returns the parts of `label_values(metric, label)` for every variable that queries Prometheus. */
export function variablesOf(board: Dashboard): { name: string; metric: string; label: string }[] {
  return (board.templating?.list ?? [])
    .filter(({ type }) => type === 'query')
    .map(({ name, query }) => {
      const text = (query as { query: string }).query;
      const [, metric, label] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      if (metric === undefined || label === undefined) throw new Error(`${name}: not understood: ${text}`);
      return { name, metric, label };
    });
}

/** Replaces variables as Grafana does. The dashboard's own variables get the value All. */
export function fill(expr: string, rateInterval = '11s'): string {
  return expr.replaceAll('$__rate_interval', rateInterval).replace(/\$[a-z]\w*/g, '.*');
}
