import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { datasource, datasourceUid, type PlacedPanel } from './panels.ts';

interface Board {
  /** Part of the dashboard's URL. It doesn't depend on the title. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly QueryVariableBuilder[];
  /** Interval at which the dashboard refreshes. If it is empty, the dashboard doesn't refresh. @default '5s' */
  readonly refresh?: string;
  /** Marks over time in all graphs. @default starts of phases, faults and alerts */
  readonly marks?: readonly AnnotationQueryBuilder[];
  /** Duration until now that the dashboard shows at first. @default '15m' */
  readonly lasts?: string;
  /** Panels by row title and panel title. A row with a blank title has no heading. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, PlacedPanel>>>>;
}

/** Tag by which the dashboards link to each other. */
export const tag = 'spillway';

const toDashboards = new DashboardLinkBuilder('Spillway')
  .type(DashboardLinkType.Dashboards)
  .icon('external link')
  .tags([tag])
  .asDropdown(true)
  .includeVars(true)
  .keepTime(true);

const datasourceVariable = new DatasourceVariableBuilder('datasource')
  .label('Prometheus')
  .type('prometheus')
  .current({ text: 'Spillway', value: datasourceUid });

/** Height of a screen of about 1000 px, in the units of Grafana's grid. */
const screenHeight = 23;

/**
 * Builds a dashboard with the common data source, annotations, links and crosshair. Rows below the first screen are
 * collapsed, so that their panels run no queries until a reader opens them.
 */
export function board({ uid, title, description, rows, ...options }: Board): Dashboard {
  const { variables = [], refresh = '5s', lasts = '15m', marks = annotations } = options;
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([tag])
    .timezone('browser')
    .time({ from: `now-${lasts}`, to: 'now' })
    .refresh(refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([datasourceVariable, ...variables])
    .annotations([...marks])
    .links([toDashboards]);
  let y = 0;
  for (const [title, panels] of Object.entries(rows)) {
    const row = new RowBuilder(title).gridPos({ x: 0, y, w: 24, h: 1 });
    const all = Object.entries(panels).map(([title, panel], _, { length }) => panel(title, 24 / length));
    if (y < screenHeight) {
      if (title.trim() !== '') builder.withRow(row);
      for (const panel of all) builder.withPanel(panel);
      y = Math.max(...all.map(bottomOf));
    } else {
      for (const panel of all) row.withPanel(panel);
      builder.withRow(row);
      y += 1;
    }
  }
  const dashboard = builder.build();
  dashboard.panels
    ?.flatMap((panel) => ('panels' in panel ? [panel, ...panel.panels] : panel))
    .forEach((panel, index) => {
      panel.id = index + 1;
    });
  return dashboard;
}

/** Returns the grid line below a placed panel. `build` always returns the same object, and so with the position. */
function bottomOf(panel: Builder<Panel>): number {
  const { y, h } = panel.build().gridPos!;
  return y + h;
}

/** Returns a variable with the values of a label. At first, all values are chosen. Queries match it with `=~`. */
export function choice(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query, refId: 'values' })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
}

const annotations = [
  // Marks only the start of a phase, since some phases never end.
  annotation(
    'Phases',
    'blue',
    'spillway_load_phase == 1 unless spillway_load_phase offset $__rate_interval == 1',
  )
    .titleFormat('Phase {{phase}}')
    .tagKeys('phase'),
  faultMarks('red'),
  // Off at first, since the tide makes some alerts fire most of the time.
  annotation('Alerts', 'orange', 'ALERTS{alertstate="firing"}')
    .enable(false)
    .titleFormat('{{alertname}}')
    .textFormat('{{job}} {{instance}}')
    .tagKeys('alertname,job'),
];

/** Returns marks of the active faults. `selector` is like `{fault!="slow"}`. */
export function faultMarks(colour: string, selector = ''): AnnotationQueryBuilder {
  return annotation('Faults', colour, `max by (fault, kind, target) (spillway_fault_active${selector}) == 1`)
    .titleFormat('Fault {{fault}}')
    .textFormat('{{kind}} of {{target}}')
    .tagKeys('fault,kind,target');
}

export function annotation(name: string, colour: string, expr: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .iconColor(colour)
    .target(new DataqueryBuilder().refId('Anno').datasource(datasource).expr(expr).interval('1s').range());
}
