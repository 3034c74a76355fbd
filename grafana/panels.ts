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
import { datasource } from './datasource.ts';
import { seeing, toExperiments } from './links.ts';

/** A legend to its PromQL; `{{label}}` in a legend stands for a label's value. */
export type Queries = Readonly<Record<string, string>>;

/** What every panel has. */
interface Common {
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  /** One of Grafana's units. */
  readonly unit: string;
  readonly queries: Queries;
  /** Of 24. */
  readonly width: number;
  /** The colour below the first threshold: green unless told otherwise. */
  readonly base?: Colour;
  /** From which value on there is another colour, ascending. */
  readonly thresholds?: readonly (readonly [from: number, colour: Colour])[];
  /** Files of the project that explain it. */
  readonly see?: readonly string[];
}

type Colour = 'green' | 'yellow' | 'orange' | 'red' | 'blue' | 'text';

interface Graph extends Common {
  /** Whether the series are parts of a whole. */
  readonly stacked?: boolean;
  /** Where the axis ends; it begins at 0. */
  readonly max?: number;
}

/** Values over time. */
export function graph({ stacked = false, max, ...common }: Graph): Builder<Panel> {
  const builder = framed(new GraphBuilder(), common, false)
    .height(8)
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None))
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        common.thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
      ),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .legend(legend().calcs(['lastNotNull', 'max']))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  return max === undefined ? builder : builder.max(max);
}

interface Figure extends Common {
  readonly height?: number;
  /** Asked once, about the whole time range. */
  readonly isTotal?: boolean;
}

/** The last value of each query, large. */
export function figure({ isTotal = false, height = 5, ...common }: Figure): Builder<Panel> {
  return framed(new StatBuilder(), common, isTotal)
    .height(height)
    .colorScheme(byThreshold)
    .noValue('none')
    .graphMode(isTotal ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .colorMode(BigValueColorMode.Value)
    .textMode(BigValueTextMode.ValueAndName)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
}

/** A state: the value that stands for it, its name and its colour. */
export type State = readonly [value: number, name: string, colour: Colour];

/** Which state each series is in over time. */
export function states({ values, ...common }: Common & { values: readonly State[] }): Builder<Panel> {
  const options = values.map(([value, text, color], index) => [value, { text, color, index }]);
  return framed(new StatesBuilder(), common, false)
    .height(8)
    .mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(options) }])
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .colorScheme(byThreshold)
    .legend(legend())
    .lineWidth(0)
    .fillOpacity(80);
}

/** Markdown, across the whole width. */
export const text = ({ title, text }: { readonly title: string; readonly text: string }): Builder<Panel> =>
  new TextBuilder().title(title).mode(TextMode.Markdown).content(text).span(24).height(9);

const byThreshold = new FieldColorBuilder().mode(FieldColorModeId.Thresholds);

const legend = () =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);

function framed<B extends GraphBuilder | StatBuilder | StatesBuilder>(
  builder: B,
  common: Common,
  isTotal: boolean,
): B {
  const { title, description, unit, queries, width, base = 'green', thresholds = [], see = [] } = common;
  const steps = [{ value: null, color: thresholds.length > 0 ? base : 'text' }];
  builder
    .title(title)
    .description(seeing(description, see))
    .links(toExperiments(see))
    .datasource(datasource)
    .unit(unit)
    .span(width)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([...steps, ...thresholds.map(([value, color]) => ({ value, color }))]),
    );
  Object.entries(queries).forEach(([legendFormat, expr], index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .datasource(datasource)
      .expr(expr)
      .legendFormat(legendFormat);
    builder.withTarget(isTotal ? query.instant() : query.range());
  });
  return builder;
}
