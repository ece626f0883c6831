import type { InjectorAnswers } from '../../../../lib/engine/plan/ask-injector';
import type { Revision } from '../../../../lib/engine/plan/prediction/injection-state';
import { readNativeSidecars } from '../../../../lib/engine/plan/prediction/native-sidecars';
import { withCluster } from '../../../../lib/engine/cluster/with-cluster';
import type { Snapshot } from '../../../../lib/engine/snapshot/snapshot';
import { FakeApiServer, refusal, type FakeAnswer } from '../../fake-api-server';
import { revisionOf } from './offline-mesh';

interface Case {
  readonly asked?: Partial<Revision>;
  readonly installed?: readonly Partial<Revision>[];
  /** The placement of the sidecar that the injector gives today. */
  readonly placement?: 'container' | 'native sidecar';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly nodes?: readonly string[] | FakeAnswer;
}

/** Whether sidecars are native, and whether the nodes had to be read to tell. */
async function native({ asked = {}, installed = [asked], placement, annotations, nodes = [] }: Case) {
  const answer: FakeAnswer =
    'length' in nodes
      ? { body: { items: nodes.map((kubeletVersion) => ({ status: { nodeInfo: { kubeletVersion } } })) } }
      : nodes;
  const server = await FakeApiServer.start(() => answer);
  const snapshot = {
    workloads: [{ id: 'cart', template: { metadata: { annotations } } }],
  } as unknown as Snapshot;
  const sidecar = placement && { revision: '', containers: { 'istio-proxy': { placement, fields: {} } }, volumes: {} };
  const today: InjectorAnswers = new Map([['cart', { sidecar }]]);
  const revisions = installed.map(revisionOf);
  try {
    return await withCluster({ kubeconfig: server.kubeconfig }, async (api) => {
      const known = new Map(revisions.map((one) => [one.name, one]));
      const tell = await readNativeSidecars(api, snapshot, today, known, [revisionOf(asked)]);
      return `${String(tell(revisionOf(asked)))}${server.requests.length > 0 ? ', by the nodes' : ''}`;
    });
  } finally {
    await server.close();
  }
}

const variable = (value: string): Partial<Revision> => ({ env: { ENABLE_NATIVE_SIDECARS: value } });
const FORBIDDEN = refusal(
  403,
  'Forbidden',
  'nodes is forbidden: User "someone" cannot list resource "nodes" in API group ""',
);

describe('sidecars', () => {
  test.each<[string, Case, string]>([
    ['istiod’s switch', { asked: variable('true'), placement: 'container', nodes: ['v1.30.0'] }, 'true'],
    ['istiod’s switch', { asked: variable('false'), placement: 'native sidecar', nodes: ['v1.34.0'] }, 'false'],
    ['the default of older versions', { asked: { version: '1.26.4' }, placement: 'native sidecar' }, 'false'],
    ['the nodes, from that version on', { asked: { version: '1.27.0' }, nodes: ['v1.33.0'] }, 'true, by the nodes'],
    ['what the injector gives today', { placement: 'native sidecar', nodes: ['v1.30.0'] }, 'true'],
    ['what the injector gives today', { asked: variable('auto'), placement: 'container', nodes: ['v1.34.0'] }, 'false'],
    ['the nodes, where nothing is injected', { nodes: ['v1.33.1', '1.34.0+k3s1'] }, 'true, by the nodes'],
    ['the nodes, all of them', { nodes: ['v1.34.0', 'v1.32.9'] }, 'false, by the nodes'],
    ['the nodes, which have to say it', { nodes: ['v1.34.0', ''] }, 'false, by the nodes'],
    ['the nodes, of which there have to be some', { nodes: [] }, 'false, by the nodes'],
    [
      'the nodes, where the pod has chosen itself',
      {
        placement: 'native sidecar',
        annotations: { 'sidecar.istio.io/nativeSidecar': 'true' },
        nodes: ['v1.30.0'],
      },
      'false, by the nodes',
    ],
    [
      'the nodes, where what is installed does not leave it to them',
      { installed: [variable('false')], placement: 'container', nodes: ['v1.33.0'] },
      'true, by the nodes',
    ],
    ['nothing, where nodes cannot be read and nothing has a sidecar', { nodes: FORBIDDEN }, 'false, by the nodes'],
  ])('are native or not according to %s', async (_, one, expected) => {
    expect(await native(one)).toBe(expected);
  });

  test('are not guessed at where only the nodes can tell, and cannot be read', async () => {
    const one: Case = { installed: [variable('false')], placement: 'container', nodes: FORBIDDEN };
    await expect(native(one)).rejects.toMatchObject({
      code: 'Forbidden',
      message:
        'The cluster refuses GET /api/v1/nodes: nodes is forbidden: User "someone" cannot list resource "nodes" in API group ""; grant the verb list on nodes, in addition to what a SidecarRestartAccess grants (see Permissions in the README).',
    });
  });
});
