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

/** Id of the Prometheus in grafana/provisioning/datasources. */
export const datasourceUid = 'spillway-prometheus';

/** Prometheus that the reader chooses at the top of each dashboard. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** PromQL by legend. `{{label}}` in a legend stands for the label's value. */
export type Queries = Readonly<Record<string, string>>;

/** Queries, some with the colour of their series. Others have colours of a palette, or of thresholds. */
type Coloured = Readonly<Record<string, string | readonly [expr: string, colour: Colour]>>;

/** Makes a panel with a title. `width`, in 24ths of the page, applies unless the panel's options have a width. */
export type PlacedPanel = (title: string, width: number) => Builder<Panel>;

interface PanelOptions {
  /** Unit by Grafana's name. @default 'short' */
  readonly unit?: string;
  /** Width in 24ths of the page. By default, the panels of a row share its width. */
  readonly width?: number;
  /** Height in units of 38 px. Graphs and states of less than 4 have no room for a legend. */
  readonly height?: number;
  /** Width in px left of the time axis. Equal ones align charts below each other. */
  readonly axisWidth?: number;
  /** Digits after the point. By default, as many as the value needs. */
  readonly decimals?: number;
  /** Colour below the first threshold, by default green. */
  readonly base?: Colour;
  readonly thresholds?: Thresholds;
  /** True to show the highest value in place of the last. */
  readonly isHighest?: boolean;
}

/** Colours by the lowest value at which they apply. */
export type Thresholds = Readonly<Record<number, Colour>>;

export type Colour = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'purple' | 'text';

const byThreshold = new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

const isLow = ({ height = 8 }: PanelOptions): boolean => height < 4;

const legendOf = (options: PanelOptions) =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(!isLow(options));

/** Returns the steps of thresholds. A panel without thresholds has no colour. */
const stepsOf = ({ base = 'green', thresholds = {} }: Pick<PanelOptions, 'base' | 'thresholds'>) => {
  const steps = Object.entries(thresholds)
    .map(([from, color]) => ({ value: Number(from), color }))
    .sort((a, b) => a.value - b.value);
  return [{ value: null, color: steps.length > 0 ? base : 'text' }, ...steps];
};

/** Makes panels of one kind. Their `description` says what they show, and what to conclude from it. */
const kind =
  <B extends GraphBuilder | StatBuilder | StatesBuilder, Own extends PanelOptions>(
    create: () => B,
    shape: (panel: B, options: Own, queries: number) => B,
  ) =>
  (description: string, queries: Coloured, options = {} as Own): PlacedPanel =>
  (title, width) => {
    const { unit = 'short', height = 8, decimals }: PanelOptions = options;
    const panel = create();
    panel
      .title(title)
      .description(description)
      .datasource(datasource)
      .unit(unit)
      .span(options.width ?? width)
      .height(height)
      .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(options)));
    if (decimals !== undefined) panel.decimals(decimals);
    Object.entries(queries).forEach(([legendFormat, asked], index) => {
      const [expr, fixedColor] = typeof asked === 'string' ? [asked] : asked;
      const query = new DataqueryBuilder().refId(String.fromCharCode(65 + index)).datasource(datasource);
      panel.withTarget(query.expr(expr).legendFormat(legendFormat).range());
      const color = { mode: FieldColorModeId.Fixed, fixedColor };
      if (fixedColor) panel.overrideByName(legendFormat, [{ id: 'color', value: color }]);
    });
    return shape(panel, options, Object.keys(queries).length);
  };

/**
 * Panel with values over time. `stacked` is for series that are parts of a whole. The axis goes from 0 to `max`; without
 * it, at least beyond the thresholds.
 */
export const graph = kind(
  () => new GraphBuilder(),
  (panel, options: PanelOptions & { stacked?: boolean; max?: number }) => {
    const { stacked = false, max, thresholds, axisWidth } = options;
    panel
      .min(0)
      .lineWidth(stacked ? 0 : 1) // else parts of size 0 have a line, too
      .fillOpacity(stacked ? 70 : 8)
      .showPoints(VisibilityMode.Never)
      .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(
          thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
        ),
      )
      .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
      .legend(legendOf(options).calcs(['lastNotNull', 'max']))
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
    if (axisWidth !== undefined) panel.axisWidth(axisWidth);
    if (thresholds) panel.axisSoftMax(1.2 * Math.max(...Object.keys(thresholds).map(Number)));
    return max === undefined ? panel : panel.max(max);
  },
);

/** Panel with a value of each query, in large type. */
export const figure = kind(
  () => new StatBuilder(),
  (panel, { isHighest = false, height = 5 }: PanelOptions, queries) =>
    panel
      .height(height)
      .colorScheme(byThreshold)
      .noValue('none')
      .graphMode(BigValueGraphMode.Area)
      .colorMode(BigValueColorMode.Value)
      .textMode(queries > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto)
      .reduceOptions(new ReduceDataOptionsBuilder().calcs([isHighest ? 'max' : 'lastNotNull'])),
);

export type States = Readonly<Record<number, readonly [name: string, colour: Colour]>>;

/** Panel with the state of each series over time. Without a legend, the states have their names in them. */
export const states = kind(
  () => new StatesBuilder(),
  (panel, options: PanelOptions & { values: States }) => {
    const { values, axisWidth } = options;
    const all = Object.entries(values).map(([value, [text, color]], index) => [
      value,
      { text, color, index },
    ]);
    if (axisWidth !== undefined) panel.axisWidth(axisWidth);
    return panel
      .unit('none')
      .mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(all) }])
      .showValue(isLow(options) ? VisibilityMode.Auto : VisibilityMode.Never)
      .mergeValues(true)
      .colorScheme(byThreshold)
      .legend(legendOf(options))
      .lineWidth(0)
      .fillOpacity(80);
  },
);

/** Panel with Markdown, across the whole page. */
export const text =
  (text: string, height = 9): PlacedPanel =>
  (title) =>
    new TextBuilder().title(title).mode(TextMode.Markdown).content(text).span(24).height(height);
