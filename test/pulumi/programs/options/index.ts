/** One MeshDeployment with a plain provider; what is said about it comes from the stack's configuration. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Chart, type App } from 'cdk8s';
import { ExistingIstio, IstioCharts, IstioModule, MeshNamespace } from 'istio-module';
import { MeshDeployment } from 'istio-module/pulumi';

export interface Settings {
  /** Directory of Istio's charts; without it, the mesh only configures the Istio of another stack. */
  readonly charts?: string;
  readonly namespaces?: readonly string[];
  readonly proxyCpu?: string;
  /** Name of the component, and the one that it had before. */
  readonly name?: string;
  readonly formerName?: string;
  readonly options?: { readonly protect?: boolean; readonly retainOnDelete?: boolean };
  readonly removed?: boolean;
}

const {
  charts,
  namespaces = [],
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

function chart(app: App): Chart {
  const mesh = new Chart(app, 'mesh');
  if (charts === undefined) {
    new ExistingIstio(mesh, 'istio');
  } else {
    new IstioModule(mesh, 'istio', {
      ...{ version: '1.31.1', charts: IstioCharts.directory(charts) },
      ...(proxyCpu === undefined ? {} : { proxy: { resources: { requests: { cpu: proxyCpu } } } }),
    });
  }
  for (const namespace of namespaces) {
    new MeshNamespace(mesh, namespace, { name: namespace });
  }
  return mesh;
}

function annotated(props: { metadata?: { annotations?: object } }, annotation: string): object {
  const { metadata } = props;
  return { ...props, metadata: { ...metadata, annotations: { ...metadata?.annotations, [annotation]: 'set' } } };
}

if (!removed) {
  new MeshDeployment(
    name,
    { chart },
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
        ({ type, props, opts }) =>
          type.startsWith('kubernetes:') ? { props: annotated(props, 'example.org/transform'), opts } : undefined,
      ],
    },
  );
}
