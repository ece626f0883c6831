import type { InjectionState, ProxyConfigResource } from '../../../../lib/engine/plan/prediction/injection-state';
import { offlinePod } from '../../../../lib/engine/plan/prediction/offline-pod';
import type { InjectionPolicy } from '../../../../lib/engine/plan/prediction/selected-injector';
import { configurationOf, uninjectedPod } from './offline-mesh';

const CONFIG = 'proxy.istio.io/config';
const TEMPLATES = 'inject.istio.io/templates';

/** The annotations with which the pod `cart` in namespace `shop` is injected offline. */
function annotationsOf(
  annotations: Record<string, string>,
  { policy = {}, proxyConfigs = [] }: { policy?: InjectionPolicy; proxyConfigs?: readonly unknown[] } = {},
): Readonly<Record<string, string>> {
  const state = { proxyConfigs } as unknown as InjectionState;
  const injector = configurationOf({ mesh: 'rootNamespace: istio-root' }, { policy });
  return offlinePod(uninjectedPod('cart', annotations), injector, state).metadata.annotations;
}

const resource = (namespace: string, name: string, spec: unknown, creationTimestamp?: string | null) => ({
  ...{ metadata: { namespace, name, creationTimestamp }, spec: spec as ProxyConfigResource['spec'] },
});

describe('templates', () => {
  test.each([
    ['nothing where the injector has the usual one', {}, {}, undefined],
    ['nothing where it names the usual one', {}, { defaultTemplates: ['sidecar'] }, undefined],
    ['the injector’s defaults', {}, { defaultTemplates: ['sidecar', 'extra'] }, 'sidecar,extra'],
    ['what aliases mean', { [TEMPLATES]: 'gateway, both' }, { aliases: { both: ['a', 'b'] } }, 'gateway,a,b'],
    ['what the pod asks for', { [TEMPLATES]: 'gateway' }, { defaultTemplates: ['extra'] }, 'gateway'],
    ['nothing where lists are null', {}, { defaultTemplates: null, aliases: null }, undefined],
  ])('are written out as %s', (_, annotations, policy, expected) => {
    expect(annotationsOf(annotations, { policy })[TEMPLATES]).toBe(expected);
  });
});

describe('the proxy’s configuration', () => {
  const configOf = (annotations: Record<string, string>, ...proxyConfigs: readonly unknown[]) => {
    const text = annotationsOf(annotations, { proxyConfigs })[CONFIG];
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  };

  test('is the pod’s own annotation, unchanged, where no ProxyConfig applies', () => {
    const own = { [CONFIG]: 'concurrency:   3' };
    expect(annotationsOf(own, { proxyConfigs: [resource('bank', 'other', { concurrency: 1 })] })).toEqual(own);
    expect(annotationsOf(own)).toEqual(own);
  });

  test('has the mesh’s, the namespace’s, the pod’s and the workload’s, the last one wins', () => {
    const variables = (name: string) => ({ environmentVariables: { [name]: '1', LAST: name } });
    expect(
      configOf(
        { [CONFIG]: 'concurrency: 3\nproxyMetadata: { POD: "1", LAST: POD }' },
        resource('shop', 'workload', { ...variables('WORKLOAD'), selector: { matchLabels: { app: 'cart' } } }),
        resource('shop', 'namespace', { ...variables('NAMESPACE'), concurrency: 2 }),
        resource('istio-root', 'mesh', { ...variables('MESH'), concurrency: 1, image: { imageType: 'debug' } }),
      ),
    ).toEqual({
      concurrency: 3,
      image: { imageType: 'debug' },
      proxyMetadata: { MESH: '1', NAMESPACE: '1', POD: '1', WORKLOAD: '1', LAST: 'WORKLOAD' },
    });
  });

  test('is that of the oldest resource; what is yet to be created is the youngest', () => {
    const of = (name: string, concurrency: number, created?: string | null) =>
      resource('shop', name, { concurrency }, created);
    const [old, young] = [of('b', 1, '2024-01-01T00:00:00Z'), of('a', 2, '2025-01-01T00:00:00Z')];
    expect(configOf({}, of('0', 3, null), young, old)).toEqual({ concurrency: 1 });
    expect(configOf({}, of('0', 3), young)).toEqual({ concurrency: 2 });
    expect(configOf({}, of('1', 4, null), of('0', 3))).toEqual({ concurrency: 3 });
  });

  test('ignores an annotation that istiod cannot read', () => {
    for (const text of ['{', '- 1', 'text', '']) {
      expect(configOf({ [CONFIG]: text }, resource('shop', 'a', { concurrency: 2 }))).toEqual({ concurrency: 2 });
    }
  });

  test('takes a resource without fields for an empty one', () => {
    for (const spec of [null, undefined, { concurrency: null, environmentVariables: null, image: null }]) {
      expect(configOf({}, resource('shop', 'a', spec))).toEqual({});
    }
  });
});
