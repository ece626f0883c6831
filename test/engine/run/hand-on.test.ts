import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import type { RunEvent } from '../../../lib/engine/run/run-event';
import { deployment } from '../cluster-builder';
import type { FakeCluster } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

describe('a function that receives events', () => {
  let cluster: FakeCluster;
  let warnings: string[];

  beforeEach(async () => {
    cluster = await startMesh([...deployment('a'), ...deployment('b')]);
    warnings = [];
    jest.spyOn(process, 'emitWarning').mockImplementation((warning) => {
      warnings.push(String(warning));
    });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await cluster.close();
  });

  async function restarted(onEvent: (event: RunEvent) => unknown): Promise<readonly string[]> {
    const options = optionsFor(cluster, { onEvent, timeoutSeconds: 1, maxConcurrent: 1 });
    return (await restartWorkloads(options)).restarted.map(({ name }) => name);
  }

  test.each([
    [
      'throws',
      () => {
        throw new Error('no\u001b[2J room');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no\u001b[2J room'))],
  ])('that %s does not end the run, still receives events, and causes one warning', async (_, fail) => {
    const types: string[] = [];
    const onEvent = ({ type }: RunEvent) => {
      types.push(type);
      return fail();
    };
    expect(await restarted(onEvent)).toEqual(['a', 'b']);
    expect(types.filter((type) => type === 'rolloutEnded')).toHaveLength(2);
    expect(warnings).toEqual(['onEvent failed, and the run continues: Error: no [2J room']);
  });

  test('whose promise never settles is not waited for', async () => {
    expect(await restarted(() => new Promise(() => undefined))).toEqual(['a', 'b']);
  });

  test('that blocks the process for longer than a rollout may take fails no rollout', async () => {
    const onEvent = ({ type }: RunEvent) => {
      if (type === 'rolloutProgressed') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_100);
      }
    };
    expect(await restarted(onEvent)).toEqual(['a', 'b']);
  });
});
