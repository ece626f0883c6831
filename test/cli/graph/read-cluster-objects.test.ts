import { readClusterObjects } from '../../../lib/cli/graph/read-cluster-objects';
import { refusal } from '../../engine/fake-api-server';
import { FakeCluster, type FakeClusterOptions } from '../../engine/fake-cluster';
import type { ClusterObject } from '../../engine/cluster-builder';

const forbidden = (verb: string, plural: string, group: string) =>
  refusal(
    403,
    'Forbidden',
    `${plural} is forbidden: User "me" cannot ${verb} resource "${plural}" in API group "${group}" at the cluster scope`,
  );

describe('readClusterObjects', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  async function read(
    objects: readonly ClusterObject[],
    { namespaces, intercept }: { readonly namespaces?: readonly string[] } & Pick<FakeClusterOptions, 'intercept'> = {},
  ) {
    cluster = await FakeCluster.start(objects, { intercept });
    return readClusterObjects({ kubeconfig: cluster.server.kubeconfig }, namespaces);
  }

  test('says which permission it lacks', async () => {
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path === '/apis/networking.istio.io/v1/virtualservices'
        ? forbidden('list', 'virtualservices', 'networking.istio.io')
        : undefined;
    await expect(read([], { intercept })).rejects.toMatchObject({
      code: 'Forbidden',
      message:
        'The cluster refuses GET /apis/networking.istio.io/v1/virtualservices: virtualservices is forbidden: User "me" cannot list resource "virtualservices" in API group "networking.istio.io" at the cluster scope; grant the verb list on virtualservices.networking.istio.io, and the other permissions that docs/command-line.md lists for a graph.',
    });
  });
});
