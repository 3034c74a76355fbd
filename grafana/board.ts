import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { datasource, datasourceUid, runbook, seeing, tag, toDashboards } from './links.ts';
import type { SizedPanel } from './panels.ts';

interface Board {
  /** Part of its address, independent of the title. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables?: readonly QueryVariableBuilder[];
  /** A row's title to its panels. */
  readonly rows: Readonly<Record<string, readonly SizedPanel[]>>;
}

/** Lets the reader choose another Prometheus. */
const datasourceVariable = new DatasourceVariableBuilder('datasource')
  .label('Prometheus')
  .type('prometheus')
  .current({ text: 'Spillway', value: datasourceUid });

/** Builds a dashboard with the common data source, annotations, links and crosshair. */
export function board({ uid, title, description, variables = [], rows }: Board): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(seeing(description, [runbook]))
    .tags([tag])
    .timezone('browser')
    .time({ from: 'now-15m', to: 'now' })
    .refresh('5s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([datasourceVariable, ...variables])
    .annotations([phases, faults, alerts])
    .links([toDashboards]);
  for (const [row, panels] of Object.entries(rows)) {
    builder.withRow(new RowBuilder(row));
    for (const panel of panels) builder.withPanel(panel(24 / panels.length));
  }
  const dashboard = builder.build();
  dashboard.panels?.forEach((panel, index) => {
    panel.id = index + 1;
  });
  return dashboard;
}

/** Makes a variable with the values of a label, at first all; queries match it with `=~`. */
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
    .allValue('.+')
    .current({ text: ['All'], value: ['$__all'] });
}

/** Marks the start of each phase; no span, since some phases never end. */
const phases = annotation(
  'Phases',
  'blue',
  'spillway_load_phase == 1 unless spillway_load_phase offset $__rate_interval == 1',
)
  .titleFormat('Phase {{phase}}')
  .tagKeys('phase');

/** Spans of active faults. */
const faults = annotation('Faults', 'red', 'spillway_fault_active == 1')
  .titleFormat('Fault {{fault}}')
  .textFormat('{{kind}} of {{target}}')
  .tagKeys('fault,kind,target');

/** Spans of firing alerts. */
const alerts = annotation('Alerts', 'orange', 'ALERTS{alertstate="firing"}')
  .titleFormat('{{alertname}}')
  .textFormat('{{job}} {{instance}}')
  .tagKeys('alertname,job');

function annotation(name: string, colour: string, expr: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .iconColor(colour)
    .target(new DataqueryBuilder().refId('Anno').datasource(datasource).expr(expr).interval('1s').range());
}
