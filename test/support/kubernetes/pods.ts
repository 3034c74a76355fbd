import type { KubernetesObject, Labels } from './render.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

/** Pods of a Deployment, StatefulSet or Job, which are all alike. */
export interface Pods {
  readonly name: string;
  readonly labels: Labels;
  readonly replicas: number;
  // biome-ignore lint/suspicious/noExplicitAny: schema.ts checks it
  readonly spec: any;
  readonly container: Container;
}

/** Returns the pods of all objects that create some. */
export const podsOf = (objects: readonly KubernetesObject[]): Pods[] =>
  objects.flatMap(({ metadata: { name }, spec }) =>
    spec?.template?.spec === undefined
      ? []
      : [
          {
            name,
            labels: spec.template.metadata.labels,
            replicas: spec.replicas ?? 1,
            spec: spec.template.spec,
            container: spec.template.spec.containers[0],
          },
        ],
  );

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

/** True if a selector matches the labels. Of the operators it knows only `In`. */
export function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(
      ({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''),
    )
  );
}

/** TCP connection from pods to a port of other pods. */
export interface Hop {
  readonly from: Pods;
  readonly to: Pods;
  readonly port: number;
}

/** True if network policies let a connection leave the one pod and enter the other. */
export function isAllowed(policies: readonly KubernetesObject[], { from, to, port }: Hop): boolean {
  const permits = (type: 'Egress' | 'Ingress', pods: Pods, peer: Pods) => {
    const concerned = policies.filter(
      ({ spec }) => spec.policyTypes.includes(type) && matches(spec.podSelector, pods.labels),
    );
    const rules = concerned.flatMap(({ spec }) => spec[type.toLowerCase()] ?? []);
    return concerned.length === 0 || rules.some((rule) => isPermitted(rule, peer, port));
  };
  return permits('Egress', from, to) && permits('Ingress', to, from);
}

interface Rule {
  readonly from?: readonly { readonly podSelector: Selector; readonly namespaceSelector?: Selector }[];
  readonly to?: Rule['from'];
  readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
}

function isPermitted({ from, to, ports }: Rule, peer: Pods, port: number): boolean {
  const peers = from ?? to;
  return (
    (peers === undefined ||
      peers.some(
        ({ podSelector, namespaceSelector }) => !namespaceSelector && matches(podSelector, peer.labels),
      )) &&
    (ports === undefined || ports.some((each) => each.port === port && (each.protocol ?? 'TCP') === 'TCP'))
  );
}
