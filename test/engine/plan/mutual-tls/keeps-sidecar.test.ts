import type { InjectorAnswer } from '../../../../lib/engine/injector/ask-for-pod';
import { keepsSidecar } from '../../../../lib/engine/plan/mutual-tls/keeps-sidecar';
import { readSnapshot } from '../../../../lib/engine/snapshot/read-snapshot';
import type { Workload } from '../../../../lib/engine/snapshot/snapshot';
import { deployment, IMAGE, meshNamespace } from '../../cluster-builder';
import { inMemoryApi } from '../../in-memory-api';

const SIDECAR = { revision: 'default', containers: {}, volumes: {} };
const ALONE = { sidecar: SIDECAR, recorded: new Set<string>() };

/** Whether a workload whose pods have these sidecars is known to keep them. */
async function keeps(proxies: readonly (string | undefined)[], answer: InjectorAnswer): Promise<boolean> {
  const api = inMemoryApi([meshNamespace('shop'), ...deployment('cart', { proxies })], (pod) => pod);
  const [workload] = (await readSnapshot(api)).workloads as [Workload];
  return keepsSidecar(workload, new Map([[workload.id, answer]]));
}

describe('a workload whose pods have sidecars', () => {
  test.each<[string, InjectorAnswer, boolean]>([
    ['keeps them if they get one again', { sidecar: SIDECAR }, true],
    ['keeps them if the injector alone gives one to refused pods', { denied: 'exceeded quota', alone: ALONE }, true],
    ['keeps them if only the injector alone gives one', { sidecar: undefined, absence: 'unknown', alone: ALONE }, true],
    ['may lose them if they get none', { sidecar: undefined }, false],
    ['may lose them if refused pods get none', { denied: 'no', alone: { ...ALONE, sidecar: undefined } }, false],
    ['may lose them if the injector refuses its pods', { denied: 'no', alone: { refused: 'no' } }, false],
    ['may lose them if the injector was not asked alone', { denied: 'no' }, false],
  ])('%s', async (_, answer, expected) => {
    expect(await keeps([IMAGE, IMAGE], answer)).toBe(expected);
  });

  test('does not keep one that a pod does not have yet', async () => {
    expect(await keeps([IMAGE, undefined], { sidecar: SIDECAR })).toBe(false);
  });
});
