/** Creates a mesh in each cluster that the stack's configuration names, by a provider in one of several forms. */
import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { Chart, type App } from 'cdk8s';
import { ExistingIstio, IstioCharts, IstioModule, MeshNamespace, NamespaceOwnership } from 'istio-module';
import { MeshDeployment } from 'istio-module/pulumi';
import { withoutCrds } from '../without-crds';

export interface Mesh {
  readonly name: string;
  /** Directory of Istio's charts; without it, the mesh only configures an existing Istio. */
  readonly charts?: string;
  readonly namespace: string;
  /** Whether the namespace already exists. */
  readonly adopted?: boolean;
  /**
   * How the cluster is named: by arguments of the mesh; by a provider with arguments, with an output among its
   * arguments, or of a component around the mesh; by a provider without arguments; by a provider that renders YAML.
   */
  readonly by: 'args' | 'provider' | 'output' | 'parent' | 'plain' | 'rendering';
  /** Kubeconfig of the cluster that keeps the output. */
  readonly source?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
}

class Platform extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super('example:index:Platform', name, {}, opts);
  }
}

/** Nothing here needs these CRDs. */
const values = withoutCrds('destinationrules.networking.istio.io', 'sidecars.networking.istio.io');

/** A secret output, which is not known yet in the first preview. */
function outputOf({ name, source, kubeconfig = '' }: Mesh): pulumi.Output<string> {
  const provider = new kubernetes.Provider(`${name}-source`, { kubeconfig: source });
  const metadata = { name: `${name}-kubeconfig`, namespace: 'default' };
  const secret = new kubernetes.core.v1.Secret(
    `${name}-kubeconfig`,
    { metadata, stringData: { kubeconfig } },
    { provider },
  );
  return secret.data.apply((data) => Buffer.from(data.kubeconfig ?? '', 'base64').toString('utf8'));
}

function optionsOf(mesh: Mesh): pulumi.ComponentResourceOptions {
  const { by, kubeconfig, context, cluster } = mesh;
  const provider = (args: kubernetes.ProviderArgs) => new kubernetes.Provider(`${mesh.name}-provider`, args);
  const args = { kubeconfig, context, cluster };
  switch (by) {
    case 'args':
      return {};
    case 'provider':
      return { provider: provider(args) };
    case 'output':
      return { providers: { kubernetes: provider({ ...args, kubeconfig: outputOf(mesh) }) } };
    case 'parent':
      return { parent: new Platform(mesh.name, { providers: [provider(args)] }) };
    case 'plain':
      return { provider: provider({}) };
    case 'rendering':
      return { provider: provider({ renderYamlToDirectory: 'rendered', kubeconfig: '' }) };
  }
}

for (const mesh of new pulumi.Config().requireObject<readonly Mesh[]>('meshes')) {
  const { charts, kubeconfig, context, cluster } = mesh;
  const chart = (app: App) => {
    const all = new Chart(app, 'mesh');
    if (charts === undefined) {
      new ExistingIstio(all, 'istio');
    } else {
      new IstioModule(all, 'istio', {
        ...{ version: '1.31.1', charts: IstioCharts.directory(charts), values },
      });
    }
    const ownership = mesh.adopted === true ? NamespaceOwnership.ADOPT : NamespaceOwnership.CREATE;
    new MeshNamespace(all, 'namespace', { name: mesh.namespace, ownership });
    return all;
  };
  const args = mesh.by === 'args' ? { kubeconfig, context, cluster } : {};
  new MeshDeployment(mesh.name, { chart, ...args }, optionsOf(mesh));
}
