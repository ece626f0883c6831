import { ControlPlaneReadiness } from '../../lib/pulumi/control-plane-readiness';
import { IstioRelease } from '../../lib/pulumi/istio-release';
import { SidecarRemoval } from '../../lib/pulumi/sidecar-removal';
import { SidecarRestart } from '../../lib/pulumi/sidecar-restart';
import { deployment, IMAGE, statefulSet } from '../engine/cluster-builder';
import { refusal } from '../engine/fake-api-server';
import type { FakeCluster } from '../engine/fake-cluster';
import { INJECTOR, startMesh } from '../engine/fake-mesh';
import * as Recorded from './recorded-providers';

type Provider = Readonly<Record<'create' | 'update' | 'delete', (...args: readonly unknown[]) => Promise<unknown>>>;

jest.mock('@pulumi/pulumi', () => jest.requireActual<typeof Recorded>('./recorded-providers').recordingSdk);

const HOSTILE = 'quota\u001b[2J\u0007\u202e';
const providerOf = (resource: unknown) => Recorded.providerOf<Provider>(resource);

describe('the progress of resources', () => {
  let cluster: FakeCluster | undefined;
  let written: string;

  beforeEach(() => {
    written = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await cluster?.close();
  });

  /**
   * A mesh in which a server other than Kubernetes, or an admission policy, returns text that a terminal would
   * interpret.
   */
  async function start(): Promise<FakeCluster> {
    let probes = 0;
    cluster = await startMesh([...deployment('cart', { proxies: [IMAGE] }), ...deployment('web')], {
      inject: (pod) => (pod.metadata.ownerReferences?.length ? pod : ++probes > 2 ? pod : refusal(403, 'No', HOSTILE)),
      intercept: ({ method }) =>
        method === 'PATCH' ? refusal(403, 'Forbidden', `admission webhook denied: ${HOSTILE}`) : undefined,
    });
    return cluster;
  }

  const args = { fingerprint: '1', version: '1.31.1', injectors: [] };
  const RESOURCES: readonly (readonly [string, () => unknown, 'create' | 'update' | 'delete'])[] = [
    ['ControlPlaneReadiness', () => new ControlPlaneReadiness('a', args), 'create'],
    ['ControlPlaneReadiness', () => new ControlPlaneReadiness('a', args), 'update'],
    ['SidecarRestart', () => new SidecarRestart('a', args), 'create'],
    ['SidecarRestart', () => new SidecarRestart('a', args), 'update'],
    ['SidecarRemoval', () => new SidecarRemoval('a', args), 'delete'],
    ['IstioRelease', () => new IstioRelease('a', args), 'delete'],
  ];

  test.each(RESOURCES)('%s shows texts without control characters', async (_, resource, method) => {
    const { server } = await start();
    const injector = { ...INJECTOR, deadlineSeconds: 1 };
    const restart = { injector, events: false };
    const inputs = { ...args, kubeconfig: server.kubeconfig, injector, restart, except: [] };
    await providerOf(resource())
      [method](...(method === 'create' ? [inputs] : method === 'delete' ? ['id', inputs] : ['id', inputs, inputs]))
      .catch(() => undefined);
    expect(written).toContain('quota [2J');
    expect(written).not.toMatch(/[\u001b\u0007\u202e]/);
  });
});

describe('the removal of sidecars', () => {
  const args = { version: '1.31.1', injectors: [] };
  const RESOURCES: readonly (readonly [string, () => unknown])[] = [
    ['SidecarRemoval', () => new SidecarRemoval('a', args)],
    ['IstioRelease', () => new IstioRelease('a', args)],
  ];

  test.each(RESOURCES)(
    'by %s includes workloads whose restart interrupts traffic: without istiod, more is interrupted',
    async (_, resource) => {
      const cluster = await startMesh([...statefulSet('db')], { inject: (pod) => pod });
      try {
        jest.spyOn(process.stderr, 'write').mockReturnValue(true);
        const restart = { onlySeamless: true, events: false };
        const inputs = { ...args, except: [], kubeconfig: cluster.server.kubeconfig, restart };
        await providerOf(resource()).delete('id', inputs);
        expect(cluster.patched).toEqual(['shop/db']);
      } finally {
        jest.restoreAllMocks();
        await cluster.close();
      }
    },
  );
});
