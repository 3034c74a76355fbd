import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DataSourceRef,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatesBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as GraphBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { toExperiments } from './experiments.ts';

/** Prometheus in grafana/provisioning/datasources. */
export const datasourceUid = 'spillway-prometheus';

/** The Prometheus that is chosen at the top of each dashboard. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** Files of the project that explain panels. */
export const pages = {
  runbook: 'docs/runbook.md',
  burst: 'experiments/01-burst.yaml',
  baseline: 'experiments/02-baseline.yaml',
  amplification: 'experiments/03-retry-amplification.yaml',
  metastable: 'experiments/05-metastable.yaml',
  herd: 'experiments/06-breaker-herd.yaml',
  starvation: 'experiments/07-bulkhead-starvation.yaml',
  poison: 'experiments/08-poison.yaml',
  backlog: 'experiments/11-hidden-backlog.yaml',
  storm: 'experiments/12-redelivery-storm.yaml',
  deadlines: 'experiments/13-lost-deadlines.yaml',
} as const;

/** Names pages in a description, by path, since their address differs by reader. */
export const seeing = (description: string, see: PanelOptions['see'] = []): string =>
  see.length === 0 ? description : `${description} See ${see.map((page) => pages[page]).join(' and ')}.`;

/** A legend to its PromQL; `{{label}}` in a legend stands for a label's value. */
export type Queries = Readonly<Record<string, string>>;

/** A panel before it has its place: its title, and its width of 24 unless it has one itself. */
export type PlacedPanel = (title: string, width: number) => Builder<Panel>;

/** Options of every panel. */
export interface PanelOptions {
  /** Unit by Grafana's name. @default 'short' */
  readonly unit?: string;
  /** Width in 24ths; by default, the panels of a row share it. */
  readonly width?: number;
  /** Colour below the first threshold, by default green. */
  readonly base?: Colour;
  readonly thresholds?: Thresholds;
  /** True if it is asked once, about the whole time range. */
  readonly isTotal?: boolean;
  /** Pages that explain it. */
  readonly see?: readonly (keyof typeof pages)[];
}

/** Colours by the values from which on they apply. */
export type Thresholds = Readonly<Record<number, Colour>>;

type Colour = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text';

const byThreshold = new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

const legend = () =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);

/** Makes panels of a kind. Their description says what they show, and what to make of it. */
const kind =
  <B extends GraphBuilder | StatBuilder | StatesBuilder, Own extends PanelOptions>(
    create: () => B,
    shape: (panel: B, options: Own) => B,
  ) =>
  (description: string, queries: Queries, options = {} as Own): PlacedPanel =>
  (title, width) => {
    const {
      unit = 'short',
      base = 'green',
      thresholds = {},
      see = [],
      isTotal = false,
    }: PanelOptions = options;
    const panel = create();
    const steps = Object.entries(thresholds)
      .map(([from, color]) => ({ value: Number(from), color }))
      .sort((a, b) => a.value - b.value);
    panel
      .title(title)
      .description(seeing(description, see))
      .links(toExperiments(see.map((page) => pages[page])))
      .datasource(datasource)
      .unit(unit)
      .span(options.width ?? width)
      .thresholds(
        new ThresholdsConfigBuilder()
          .mode(ThresholdsMode.Absolute)
          .steps([{ value: null, color: steps.length > 0 ? base : 'text' }, ...steps]),
      );
    Object.entries(queries).forEach(([legendFormat, expr], index) => {
      const query = new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .datasource(datasource)
        .expr(expr)
        .legendFormat(legendFormat);
      panel.withTarget(isTotal ? query.instant() : query.range());
    });
    return shape(panel, options);
  };

/** Values over time; `stacked` if the series are parts of a whole, on an axis from 0 to `max`. */
export const graph = kind(
  () => new GraphBuilder(),
  (panel, { stacked = false, max, thresholds }: PanelOptions & { stacked?: boolean; max?: number }) => {
    panel
      .height(8)
      .min(0)
      .lineWidth(1)
      .fillOpacity(stacked ? 40 : 8)
      .showPoints(VisibilityMode.Never)
      .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(
          thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
        ),
      )
      .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
      .legend(legend().calcs(['lastNotNull', 'max']))
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
    return max === undefined ? panel : panel.max(max);
  },
);

/** The last value of each query, large. */
export const figure = kind(
  () => new StatBuilder(),
  (panel, { isTotal = false, height = 5 }: PanelOptions & { height?: number }) =>
    panel
      .height(height)
      .colorScheme(byThreshold)
      .noValue('none')
      .graphMode(isTotal ? BigValueGraphMode.None : BigValueGraphMode.Area)
      .colorMode(BigValueColorMode.Value)
      .textMode(BigValueTextMode.ValueAndName)
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull'])),
);

/** Name and colour of each state, by the value that stands for it. */
type States = Readonly<Record<number, readonly [name: string, colour: Colour]>>;

/** The state of each series over time. */
export const states = kind(
  () => new StatesBuilder(),
  (panel, { values = {} }: PanelOptions & { values?: States }) => {
    const mapped = Object.entries(values).map(([value, [text, color]], index) => [
      value,
      { text, color, index },
    ]);
    return panel
      .height(8)
      .mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(mapped) }])
      .showValue(VisibilityMode.Never)
      .mergeValues(true)
      .colorScheme(byThreshold)
      .legend(legend())
      .lineWidth(0)
      .fillOpacity(80);
  },
);

/** Markdown, across the whole width. */
export const text =
  (text: string): PlacedPanel =>
  (title) =>
    new TextBuilder().title(title).mode(TextMode.Markdown).content(text).span(24).height(9);
