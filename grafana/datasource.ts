import { type DataSourceRef, DatasourceVariableBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/** As grafana/provisioning/datasources has it. */
export const datasourceUid = 'spillway-prometheus';

/** The one that is chosen at the top of each dashboard. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '$datasource' };

/** Lets the reader choose another Prometheus. */
export const datasourceVariable = new DatasourceVariableBuilder('datasource')
  .label('Prometheus')
  .type('prometheus')
  .current({ text: 'Spillway', value: datasourceUid });
