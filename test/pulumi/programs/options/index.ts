/** One MeshDeployment with a plain provider; its settings come from the stack's configuration. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject, Chart, type App } from 'cdk8s';
import { ExistingIstio, IstioCharts, IstioModule, MeshNamespace } from 'istio-module';
import { MeshDeployment } from 'istio-module/pulumi';
import { withoutCrds } from '../without-crds';

export interface Settings {
  /** Directory of Istio's charts; without it, the mesh only configures the Istio of another stack. */
  readonly charts?: string;
  readonly namespaces?: readonly string[];
  /** A further namespace, whose name the mesh takes from an output that is known only in the update. */
  readonly lateNamespace?: string;
  /** Names of ConfigMaps that the chart contains before everything else; `content` is what is in them. */
  readonly front?: readonly string[];
  readonly content?: string;
  /** Whether the chart contains an output of another resource, which is not allowed. */
  readonly outputInChart?: boolean;
  readonly proxyCpu?: string;
  /** Name of the component; `formerName` is the one that it had before. */
  readonly name?: string;
  readonly formerName?: string;
  readonly options?: { readonly protect?: boolean; readonly retainOnDelete?: boolean };
  readonly removed?: boolean;
}

/** Nothing here needs these CRDs. */
const values = withoutCrds(
  ...['destinationrules', 'sidecars', 'virtualservices'].map((name) => `${name}.networking.istio.io`),
  'telemetries.telemetry.istio.io',
);

const {
  charts,
  namespaces = [],
  lateNamespace,
  front = [],
  content = '',
  outputInChart = false,
  proxyCpu,
  name = 'mesh',
  formerName,
  options,
  removed = false,
} = new pulumi.Config().requireObject<Settings>('settings');

const provider = new kubernetes.Provider('plain', {});
const before = new kubernetes.core.v1.ConfigMap(
  'before',
  { metadata: { name: `before-${pulumi.getStack()}`, namespace: 'default' } },
  { provider },
);

/** A resource whose output is known once it is created. */
class Late extends pulumi.dynamic.Resource {
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, given: string) {
    const create = (inputs: { given: string }) => Promise.resolve({ id: 'late', outs: { value: inputs.given } });
    super({ create }, name, { given, value: undefined });
  }
}

/** Builds the chart asynchronously, and with inputs that come from another resource. */
async function chart(app: App, inputs: { readonly namespaces: readonly string[] }): Promise<Chart> {
  const mesh = new Chart(app, 'mesh');
  for (const name of await Promise.resolve(front)) {
    const metadata = { name, namespace: 'default' };
    new ApiObject(mesh, name, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { content } });
  }
  if (outputInChart) {
    const data = { key: before.metadata.name as unknown as string };
    new ApiObject(mesh, 'output', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'output' }, data });
  }
  if (charts === undefined) {
    new ExistingIstio(mesh, 'istio');
  } else {
    new IstioModule(mesh, 'istio', {
      ...{ version: '1.31.1', charts: IstioCharts.directory(charts), values },
      ...(proxyCpu === undefined ? {} : { proxy: { resources: { requests: { cpu: proxyCpu } } } }),
    });
  }
  for (const namespace of inputs.namespaces) {
    new MeshNamespace(mesh, namespace, { name: namespace });
  }
  return mesh;
}

function annotated(props: { metadata?: { annotations?: object } }, annotation: string): object {
  const { metadata } = props;
  return { ...props, metadata: { ...metadata, annotations: { ...metadata?.annotations, [annotation]: 'set' } } };
}

if (!removed) {
  const late = lateNamespace === undefined ? [] : [new Late('late', lateNamespace).value];
  const mesh = new MeshDeployment(
    name,
    { chart, inputs: { namespaces: [...namespaces, ...late] } },
    {
      ...options,
      provider,
      dependsOn: before,
      aliases: formerName === undefined ? [] : [{ name: formerName }],
      transformations: [
        ({ type, props, opts }) =>
          type.startsWith('kubernetes:') ? { props: annotated(props, 'example.org/transformation'), opts } : undefined,
      ],
      transforms: [
        ({ type, name: child, props, opts }) => {
          if (!type.startsWith('kubernetes:')) {
            return undefined;
          }
          const replacing = { deleteBeforeReplace: true, replaceOnChanges: ['data'] };
          const isFront = front.some((one) => child.endsWith(`/ConfigMap/default/${one}`));
          return {
            props: annotated(props, 'example.org/transform'),
            opts: isFront ? { ...opts, ...replacing } : opts,
          };
        },
      ],
    },
  );
  new kubernetes.core.v1.ConfigMap(
    'after',
    { metadata: { name: `after-${pulumi.getStack()}`, namespace: 'default' } },
    { provider, dependsOn: mesh },
  );
}
