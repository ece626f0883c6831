import { checkPermissions } from '../../../lib/engine/run/check-permissions';
import { daemonSet } from '../../../lib/engine/kinds/daemon-set';
import { deployment } from '../../../lib/engine/kinds/deployment';
import type { RollableOwner } from '../../../lib/engine/kinds/rollable-owner';
import type { RollOutTask } from '../../../lib/engine/rollout/roll-out';
import { FakeApiServer } from '../fake-api-server';

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
}

const task = (owner: RollableOwner, namespace: string, action: RollOutTask['action'] = 'restart'): RollOutTask => ({
  owner,
  namespace,
  name: 'cart',
  uid: 'uid',
  action,
  planned: { metadata: { name: 'cart', uid: 'uid' }, spec: {} },
  outdated: [],
  isGateway: false,
  order: 0,
});

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
        'Nothing was restarted: the credentials may not patch daemonsets.apps in namespace b (context "fake"); grant that verb, as a SidecarRestartAccess does (see Permissions in the README).',
    });
  });

  test('asks nothing for a workload that is only waited for', async () => {
    expect(await check([task(deployment, 'a', 'wait')], () => false)).toEqual([]);
  });
});
