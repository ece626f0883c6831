import { rootNamespaceIn } from '../../../lib/cli/graph/root-namespace-in';
import type { ManifestObject } from '../../../lib/cli/manifests/read-manifests';

const configMap = (name: string, mesh: unknown, labels: Record<string, string> = {}): ManifestObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data: { mesh },
});

describe('the root namespace among manifests', () => {
  test.each<[string, readonly ManifestObject[], string]>([
    ['is the default without a mesh configuration', [], 'istio-system'],
    ['is the one that the mesh configuration sets', [configMap('istio', 'rootNamespace: config')], 'config'],
    [
      'is the default where the mesh configuration does not set it',
      [configMap('istio', 'trustDomain: a')],
      'istio-system',
    ],
    ['is that of the only revision', [configMap('istio-canary', 'rootNamespace: config')], 'config'],
    [
      'is that of the default revision among several',
      [
        configMap('istio-canary', 'rootNamespace: canary'),
        configMap('istio-stable', 'rootNamespace: config', { 'istio.io/rev': 'default' }),
      ],
      'config',
    ],
    ['is not read from a ConfigMap of another name', [configMap('istiod', 'rootNamespace: config')], 'istio-system'],
    [
      'is read from the ConfigMap that contains a mesh configuration',
      [configMap('istio', undefined), configMap('istio-ca', 'rootNamespace: config')],
      'config',
    ],
    [
      'is not read from an object of another kind',
      [{ ...configMap('istio', 'rootNamespace: config'), kind: 'Secret' }],
      'istio-system',
    ],
  ])('%s', (_, manifests, expected) => {
    expect(rootNamespaceIn(manifests)).toBe(expected);
  });

  test('is an error where the mesh configuration is not valid YAML', () => {
    expect(() => rootNamespaceIn([configMap('istio', 'a: [')])).toThrow(
      'ConfigMap istio-system/istio contains no valid YAML in its key "mesh"; fix it and run again.',
    );
  });
});
