import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { planRestarts, type WorkloadPlan } from 'istio-module/engine';
import type { KubeObject, ObjectReference } from '../../control-plane/kube-client';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { Certificates } from '../cluster/certificates';

const MINUTES = 60_000;
const TENANT = 'tenant';
const ALONE = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone', namespace: TENANT } };

/** Tests what the owner of a namespace, who has no other permissions, can do to the plans of others. */
describe('a plan beside a namespace of somebody else', () => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    const labels = { 'istio-injection': 'enabled' };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: TENANT, labels } };
    await cluster.client.apply(namespace);
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  async function plan(
    requestTimeoutSeconds?: number,
  ): Promise<(kind: string, name: string) => WorkloadPlan | undefined> {
    const { kubeconfig } = cluster.controlPlane;
    const { workloads } = await planRestarts({
      ...{ kubeconfig, injector: { settleSeconds: 1, deadlineSeconds: 60 } },
      ...(requestTimeoutSeconds === undefined ? {} : { requestTimeoutSeconds }),
    });
    return (kind, name) => workloads.find((one) => one.kind === kind && one.name === name);
  }

  const container = (name: string) => ({ name, image: 'example/app' });
  const labelled = (name: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: TENANT, labels: { app: 'istiod' } },
    spec: {
      selector: { matchLabels: { app: 'istiod' } },
      template: {
        metadata: { labels: { app: 'istiod' } },
        spec: { nodeSelector: { no: 'such' }, containers: [container('app')] },
      },
    },
  });

  it(
    'does not wait for a Deployment there that is labelled like istiod and never ready',
    async () => {
      await cluster.client.apply(labelled('mine'));
      expect((await plan())('Deployment', 'cart')).toMatchObject({ decision: 'restart' });
    },
    MINUTES,
  );

  it(
    'treats a pod whose overrides contain the mount of its token as current',
    async () => {
      const spec = { containers: [container('app'), { ...container('istio-proxy'), image: 'auto' }] };
      await cluster.client.create({ ...ALONE, spec } as ObjectReference);
      const pod = await cluster.client.get<KubeObject & { metadata: { annotations: Record<string, string> } }>(ALONE);
      expect(pod.metadata.annotations['proxy.istio.io/overrides']).toContain('kube-api-access-');
      expect((await plan())('Pod', 'alone')).toMatchObject({ decision: 'current' });
    },
    MINUTES,
  );

  it(
    'leaves workloads undetermined whose webhook does not answer',
    async () => {
      const certificates = new Certificates();
      const authority = certificates.authority('authority');
      const sockets = new Set<Socket>();
      const silent = https.createServer(certificates.server('webhook', authority, ['IP:127.0.0.1']), () => undefined);
      silent.on('connection', (socket: Socket) => sockets.add(socket));
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const url = `https://127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
      const webhooks = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'slow' },
        webhooks: [
          {
            ...{ name: 'slow.example.com', sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 30 },
            clientConfig: { url, caBundle: Buffer.from(authority.cert).toString('base64') },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': TENANT } },
            rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
          },
        ],
      };
      try {
        await cluster.client.apply(webhooks);
        await new Promise((resolve) => setTimeout(resolve, 2_000));
        const found = await plan(5);
        expect(found('Deployment', 'cart')).toMatchObject({ decision: 'restart' });
        const kept = found('Pod', 'alone');
        expect(kept).toMatchObject({ decision: 'undetermined', reason: 'DryRunDenied' });
        expect(kept?.message).toContain('admission took too long');
      } finally {
        await cluster.client.delete(webhooks);
        sockets.forEach((socket) => socket.destroy());
        silent.close();
        certificates.remove();
      }
    },
    2 * MINUTES,
  );
});
