import { checkPermissions } from '../../../lib/engine/run/check-permissions';
import { daemonSet } from '../../../lib/engine/kinds/daemon-set';
import { replicaSet } from '../../../lib/engine/kinds/replica-set';
import { deployment } from '../../../lib/engine/kinds/deployment';
import type { RollableKind } from '../../../lib/engine/kinds/workload-kind';
import type { EvictionTask, RestartTask, RollOutTask } from '../../../lib/engine/rollout/roll-out-task';
import { FakeApiServer } from '../fake-api-server';

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
}

const task = (owner: RollableKind, namespace: string, action: RestartTask['action'] = 'restart'): RestartTask => ({
  kind: owner.kind,
  owner,
  namespace,
  name: 'cart',
  uid: 'uid',
  action,
  planned: { metadata: { name: 'cart', uid: 'uid' }, spec: {} },
  outdated: [],
  isGateway: false,
  wasComplete: true,
  namespaceOrder: 0,
  order: 0,
});

function eviction(namespace: string): EvictionTask {
  const { name, uid, outdated, isGateway, wasComplete, namespaceOrder, order } = task(deployment, namespace);
  const common = {
    kind: replicaSet.kind,
    namespace,
    name,
    uid,
    outdated,
    isGateway,
    wasComplete,
    namespaceOrder,
    order,
  };
  return { ...common, owner: replicaSet, action: 'evict' };
}

describe('checkPermissions', () => {
  let server: FakeApiServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  async function check(tasks: readonly RollOutTask[], allows: (asked: Attributes) => boolean): Promise<Attributes[]> {
    const asked: Attributes[] = [];
    server = await FakeApiServer.start(({ body }) => {
      const { resourceAttributes } = (body as { spec: { resourceAttributes: Attributes } }).spec;
      asked.push(resourceAttributes);
      return { status: 201, body: { status: { allowed: allows(resourceAttributes) } } };
    });
    await checkPermissions(await server.api(), tasks);
    return asked;
  }

  test('asks once for each kind when the permission is for the whole cluster', async () => {
    const tasks = [task(deployment, 'a'), task(deployment, 'b'), task(daemonSet, 'a')];
    expect(await check(tasks, () => true)).toEqual([
      { verb: 'patch', group: 'apps', resource: 'deployments', namespace: '' },
      { verb: 'patch', group: 'apps', resource: 'daemonsets', namespace: '' },
    ]);
  });

  test('asks for each namespace otherwise', async () => {
    const tasks = [task(deployment, 'a'), task(deployment, 'b'), task(deployment, 'a')];
    const asked = await check(tasks, ({ namespace }) => namespace !== '');
    expect(asked.map(({ namespace }) => namespace)).toEqual(['', 'a', 'b']);
  });

  test('names the kind and the namespace in which it is missing', async () => {
    const tasks = [task(daemonSet, 'a'), task(daemonSet, 'b')];
    await expect(check(tasks, ({ namespace }) => namespace === 'a')).rejects.toMatchObject({
      code: 'Forbidden',
      message:
        'The credentials may not patch daemonsets.apps in namespace b (context "fake"); grant that verb, as a SidecarRestartAccess does (see Permissions in the README).',
    });
  });

  test('asks for the eviction of pods, and names what grants it', async () => {
    const tasks = [eviction('a'), task(deployment, 'a'), eviction('b')];
    expect(await check(tasks, () => true)).toEqual([
      { verb: 'patch', group: 'apps', resource: 'deployments', namespace: '' },
      { verb: 'create', group: '', resource: 'pods', subresource: 'eviction', namespace: '' },
    ]);
    await server?.close();
    await expect(check(tasks, ({ namespace }) => namespace === 'a')).rejects.toMatchObject({
      message:
        'The credentials may not create pods/eviction in namespace b (context "fake"); grant that verb, as a SidecarRestartAccess with eviction: true does (see Permissions in the README).',
    });
  });

  test('asks nothing for a workload that is only waited for', async () => {
    expect(await check([task(deployment, 'a', 'wait')], () => false)).toEqual([]);
  });
});
