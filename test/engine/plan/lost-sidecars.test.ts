import { lostSidecars } from '../../../lib/engine/plan/lost-sidecars';
import type { InjectorAnswer } from '../../../lib/engine/injector/ask-for-pod';
import { readSnapshot } from '../../../lib/engine/snapshot/read-snapshot';
import { deployment, IMAGE, injected, meshNamespace, namespace, pod, type ClusterObject } from '../cluster-builder';
import type { Pod } from '../../../lib/engine/cluster/objects';
import { sidecarOf } from '../../../lib/engine/injector/sidecar';
import { inMemoryApi } from '../in-memory-api';

const GIVEN = { sidecar: sidecarOf(injected(pod('x') as Pod, IMAGE)) };
const LEFT_OUT = { sidecar: undefined, absence: 'decided' } as const;
const UNSERVED = { sidecar: undefined, absence: 'notSelected' } as const;

/** The names of the workloads that would lose their sidecars, given the answers about each workload. */
async function lost(
  answers: Readonly<Record<string, InjectorAnswer>>,
  namespaces: readonly ClusterObject[],
  template: object = { labels: { 'sidecar.istio.io/inject': 'true' } },
) {
  const objects = Object.keys(answers).flatMap((key) => {
    const [place = '', name = ''] = key.split('/');
    return deployment(name, { namespace: place, proxies: [IMAGE], template });
  });
  const snapshot = await readSnapshot(inMemoryApi([...namespaces, ...objects], (asked) => asked));
  const byId = new Map(
    snapshot.workloads.flatMap(({ id, namespace: place, name }) => {
      const answer = answers[`${place}/${name}`];
      return answer ? [[id, answer] as const] : [];
    }),
  );
  return lostSidecars(snapshot, byId).map(({ namespace: place, name }) => `${place}/${name}`);
}

describe('sidecars that would be lost stop a run', () => {
  const two = [meshNamespace('a'), meshNamespace('b')];

  test('where their namespace asks for an injector that does not exist, even for one workload', async () => {
    expect(await lost({ 'a/x': UNSERVED, 'b/y': GIVEN }, two)).toEqual(['a/x']);
  });

  test('but not where only the workload itself asks for it', async () => {
    expect(await lost({ 'a/x': UNSERVED, 'a/y': UNSERVED, 'a/z': UNSERVED }, [namespace('a')])).toEqual([]);
  });

  test('but not where the sidecar is in the pod template, which a restart does not change', async () => {
    const { metadata, spec } = injected(pod('x') as Pod, IMAGE);
    const labels = { 'sidecar.istio.io/inject': 'true', 'istio.io/rev': 'gone' };
    const answers = { 'a/x': { sidecar: undefined } };
    expect(await lost(answers, [namespace('a')])).toEqual(['a/x']);
    const byHand = { labels, annotations: metadata.annotations, spec };
    expect(await lost(answers, [namespace('a')], byHand)).toEqual([]);
  });

  test('where the injector leaves out most of most namespaces', async () => {
    const all = { 'a/x': LEFT_OUT, 'a/y': LEFT_OUT, 'b/z': LEFT_OUT };
    expect(await lost(all, two)).toEqual(['a/x', 'a/y', 'b/z']);
    expect(await lost({ ...all, 'b/z': GIVEN }, two)).toEqual([]);
  });

  test('where the injector leaves out most of a mesh whose label others add at admission', async () => {
    const answer = { ...LEFT_OUT, selectingLabels: { 'sidecar.istio.io/inject': 'true' } };
    const answers = { 'a/x': answer, 'a/y': answer, 'b/z': answer };
    const others = [namespace('a'), namespace('b')];
    expect(await lost(answers, others, {})).toEqual(['a/x', 'a/y', 'b/z']);
    expect(await lost({ 'a/x': LEFT_OUT, 'a/y': LEFT_OUT, 'b/z': LEFT_OUT }, others, {})).toEqual([]);
  });

  test('but not where it leaves out a few, or all of one namespace among others', async () => {
    expect(await lost({ 'a/x': LEFT_OUT, 'b/y': LEFT_OUT }, two)).toEqual([]);
    expect(await lost({ 'a/x': LEFT_OUT, 'a/y': LEFT_OUT, 'a/z': LEFT_OUT, 'b/w': GIVEN }, two)).toEqual([]);
  });
});
