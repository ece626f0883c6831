import { Duration } from 'cdk8s';
import { Destination, HTTPRoute, IstioCharts, RouteParent } from 'istio-module';
import { isOfIstio } from '../../control-plane/apply-in-order';
import { gatewayApiDefinitions } from '../../control-plane/gateway-api';
import { until, type KubeClient, type KubeObject } from '../../control-plane/kube-client';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { acceptedByApi } from '../accepted-by-api';
import { emptyChart, fakeModule, synthesized, title, type Manifest } from '../synthesis';
import { everyGatewayApi } from './every-gateway-api';

const SERVICES: Readonly<Record<string, readonly string[]>> = {
  shop: ['reviews', 'reviews-v2', 'audit', 'cart', 'cart-v2', 'db', 'db-new'],
  other: ['ratings', 'audit'],
};

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message: string;
}

describe('what is synthesized for the Gateway API, on a real API server and istiod', () => {
  let cluster: MeshCluster;
  let client: KubeClient;
  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    ({ client } = cluster);
    for (const definition of await gatewayApiDefinitions('standard')) await client.apply(definition);
    const chart = emptyChart();
    fakeModule(chart, {
      helmExecutable: cluster.controlPlane.programs.helm,
      charts: IstioCharts.directory(cluster.controlPlane.programs.istioCharts),
    });
    for (const manifest of synthesized(chart).filter((one) => !isOfIstio(one))) await client.apply(manifest);
    for (const [namespace, names] of Object.entries(SERVICES)) {
      const labels = { team: namespace };
      await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } } as never);
      for (const name of names) {
        const ports = [80, 5432, 8080, 9000].map((port) => ({ name: `tcp-${String(port)}`, port }));
        await client.apply({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, namespace },
          spec: { ports },
        } as never);
      }
    }
    const options = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'public-options', namespace: 'shop' } };
    await client.apply(options);
    await cluster.istiod.ready();
  }, 1_800_000);
  afterAll(async () => {
    await cluster.stop();
  });

  /** The conditions that istiod sets on an object, as soon as there are any. */
  async function conditions(manifest: Manifest): Promise<Condition[]> {
    let found: Condition[] = [];
    await until(
      async () => {
        found = conditionsOf(await client.get(manifest));
        return found.length > 0;
      },
      `istiod having seen ${title(manifest)}`,
    );
    return found;
  }

  test('is accepted with strict field validation, and by istiod as parents and children', async () => {
    const chart = emptyChart();
    everyGatewayApi(chart);
    const manifests = synthesized(chart);
    for (const manifest of manifests) await acceptedByApi(client, manifest);
    const said = manifests.filter(({ kind }) => !['ReferenceGrant', 'ServiceEntry'].includes(kind));
    const refused = await Promise.all(
      said.map(async (manifest) =>
        (await conditions(manifest))
          .filter(({ type, status }) => type === 'Accepted' && status !== 'True')
          .map(({ message }) => `${title(manifest)}: ${message}`),
      ),
    );
    expect(refused.flat()).toEqual([]);
    expect(said.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['Gateway', 'HTTPRoute', 'GRPCRoute', 'TLSRoute']),
    );
  }, 120_000);

  test('has retries in the experimental channel alone', async () => {
    const chart = emptyChart();
    new HTTPRoute(chart, 'tried', {
      namespace: 'shop',
      parents: [RouteParent.service('reviews', { port: 80 })],
      rules: [
        {
          to: [Destination.host()],
          timeout: Duration.seconds(2),
          retries: { attempts: 2, on: [503], backoff: Duration.millis(10), perTryTimeout: Duration.seconds(1) },
        },
      ],
    });
    const [route] = synthesized(chart);
    await expect(client.apply(route as Manifest)).rejects.toThrow('.spec.rules[0].retry: field not declared in schema');
    for (const definition of await gatewayApiDefinitions('experimental')) await client.apply(definition);
    await until(
      () =>
        client.apply(route as Manifest).then(
          () => true,
          () => false,
        ),
      'the API server taking retries',
    );
    expect((await conditions(route as Manifest)).filter(({ status }) => status !== 'True')).toEqual([]);
  }, 120_000);
});

function conditionsOf(object: KubeObject | undefined): Condition[] {
  const { conditions = [], parents = [] } = (object?.status ?? {}) as {
    readonly conditions?: readonly Condition[];
    readonly parents?: readonly { readonly conditions: readonly Condition[] }[];
  };
  // The API server itself sets conditions of a new Gateway, which say that no controller has seen it.
  const said = [...conditions, ...parents.flatMap((parent) => parent.conditions)];
  return said.filter(({ message }) => !message.startsWith('Waiting for controller'));
}
