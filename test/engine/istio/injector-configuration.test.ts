import {
  injectorConfiguration,
  leavesOf,
  type InjectorConfiguration,
} from '../../../lib/engine/istio/injector-configuration';
import type { ConfigMap } from '../../../lib/engine/cluster/objects';

const configMap = (name: string, data: Record<string, string>): ConfigMap => ({
  metadata: { name, namespace: 'istio-system', uid: name },
  data,
});
const of = (global: object, mesh: object = {}) =>
  injectorConfiguration({
    injectorConfigMap: configMap('istio-sidecar-injector', { values: JSON.stringify({ global }) }),
    meshConfigMap: configMap('istio', { mesh: JSON.stringify(mesh) }),
  });
const base = { hub: 'docker.io/istio', tag: '1.31.1' };

describe('injectorConfiguration', () => {
  test.each<[string, object, object, string | undefined]>([
    ['hub and tag', base, {}, 'docker.io/istio/proxyv2:1.31.1'],
    ['a tag that YAML reads as a number', { hub: 'h', tag: 1.31 }, {}, 'h/proxyv2:1.31'],
    ['a variant', { ...base, variant: 'distroless' }, {}, 'docker.io/istio/proxyv2:1.31.1-distroless'],
    [
      'a variant that the tag has already',
      { ...base, tag: '1.31.1-debug', variant: 'distroless' },
      {},
      'docker.io/istio/proxyv2:1.31.1-distroless',
    ],
    ['the variant default', { ...base, tag: '1.31.1-debug', variant: 'default' }, {}, 'docker.io/istio/proxyv2:1.31.1'],
    [
      'an image type of the mesh, before the variant',
      { ...base, variant: 'distroless' },
      { defaultConfig: { image: { imageType: 'debug' } } },
      'docker.io/istio/proxyv2:1.31.1-debug',
    ],
    ['a name of its own', { ...base, proxy: { image: 'custom' } }, {}, 'docker.io/istio/custom:1.31.1'],
    ['a whole reference', { ...base, proxy: { image: 'example/proxy:2' } }, {}, 'example/proxy:2'],
    ['no hub', { tag: '1.31.1' }, {}, undefined],
    ['no tag', { hub: 'h' }, {}, undefined],
  ])('reads the image from %s', (_, global, mesh, image) => {
    expect(of(global, mesh).image).toBe(image);
  });

  test('reads resources as text, numbers too', () => {
    expect(
      of({ proxy: { resources: { limits: { cpu: 2, memory: '1Gi', 'ephemeral-storage': null }, requests: null } } })
        .resources,
    ).toEqual({
      limits: { cpu: '2', memory: '1Gi' },
      requests: {},
    });
    expect(of({}).resources).toBeUndefined();
  });

  describe('leaves open', () => {
    const injector = (config: object) =>
      configMap('istio-sidecar-injector', {
        values: JSON.stringify({ global: { ...base, proxy: { resources: { limits: { cpu: '1' } } } } }),
        config: JSON.stringify(config),
      });
    const mesh = configMap('istio', { mesh: JSON.stringify({ defaultConfig: { concurrency: 1 } }) });
    const openOf = (found: InjectorConfiguration) =>
      Object.entries(found).flatMap(([field, value]) => (value === undefined ? [field] : []));

    test.each<[string, object, readonly string[]]>([
      ['nothing for Istio’s own template', { defaultTemplates: ['sidecar'], templates: { other: 'image: x' } }, []],
      ['the resources that a template sets', { templates: { mine: 'resources: {}' } }, ['resources']],
      ['the image that a template sets', { templates: { mine: 'image: mine' } }, ['image']],
      ['the configuration that a template sets', { templates: { mine: 'name: PROXY_CONFIG' } }, ['proxyConfig']],
      ['nothing for a template that sets something else', { templates: { mine: 'lifecycle: {}' } }, []],
    ])('%s', (_, config, open) => {
      const defaultTemplates = ['sidecar', 'mine'];
      const injectorConfigMap = injector({ defaultTemplates, ...config });
      expect(openOf(injectorConfiguration({ injectorConfigMap, meshConfigMap: mesh }))).toEqual(open);
    });

    test('what a further ConfigMap of the mesh may say', () => {
      const env = [{ name: 'SHARED_MESH_CONFIG', value: 'istio-shared' }];
      const deployment = {
        metadata: { name: 'istiod', uid: 'istiod' },
        spec: { template: { spec: { containers: [{ name: 'discovery', env }] } } },
      };
      const found = injectorConfiguration({ injectorConfigMap: injector({}), meshConfigMap: mesh, deployment });
      expect(openOf(found)).toEqual(['image', 'proxyConfig']);
    });
  });

  test('leaves everything open when there are no ConfigMaps', () => {
    expect(injectorConfiguration({ injectorConfigMap: undefined, meshConfigMap: undefined })).toEqual({
      image: undefined,
      resources: undefined,
      proxyConfig: new Map(),
    });
  });

  test('names the ConfigMap and the key that nobody can read', () => {
    expect(() =>
      injectorConfiguration({
        injectorConfigMap: configMap('istio-sidecar-injector', { values: '{' }),
        meshConfigMap: undefined,
      }),
    ).toThrow(
      'ConfigMap istio-system/istio-sidecar-injector contains no valid YAML in its key "values", so istiod keeps an older configuration; fix it and run again.',
    );
  });
});

describe('leavesOf', () => {
  test.each<[string, object, Record<string, string>]>([
    [
      'nested fields',
      { tracing: { sampling: 100.0 }, concurrency: 2 },
      { 'tracing.sampling': '100', concurrency: '2' },
    ],
    ['either case of names', { tracing: { zipkin_address: 'a' } }, { 'tracing.zipkinAddress': 'a' }],
    [
      'the keys of a free map as they are',
      { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', a_b: 'c' } },
      { 'proxyMetadata.ISTIO_META_DNS_CAPTURE': 'true', 'proxyMetadata.a_b': 'c' },
    ],
    ['lists by their index', { extraStatTags: ['a', 'b'] }, { 'extraStatTags.0': 'a', 'extraStatTags.1': 'b' }],
    [
      'empty objects, but neither maps nor lists',
      { tracing: {}, proxyMetadata: {}, extraStatTags: [] },
      { tracing: '{}' },
    ],
    [
      'durations in seconds',
      { a: '1m30s', b: '90s', c: '1.5h', d: '500ms', e: 'https', f: '5 m' },
      { a: '90s', b: '90s', c: '5400s', d: '0.5s', e: 'https', f: '5 m' },
    ],
  ])('reads %s', (_, value, leaves) => {
    expect(Object.fromEntries(leavesOf(value))).toEqual(leaves);
  });
});
