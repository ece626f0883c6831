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
    ['without a mesh configuration', [], 'istio-system'],
    ['that the mesh configuration says', [configMap('istio', 'rootNamespace: config')], 'config'],
    ['that the mesh configuration leaves open', [configMap('istio', 'trustDomain: a')], 'istio-system'],
    ['of the only revision', [configMap('istio-canary', 'rootNamespace: config')], 'config'],
    [
      'of the default revision among several',
      [
        configMap('istio-canary', 'rootNamespace: canary'),
        configMap('istio-stable', 'rootNamespace: config', { 'istio.io/rev': 'default' }),
      ],
      'config',
    ],
    ['beside a ConfigMap of another name', [configMap('istiod', 'rootNamespace: config')], 'istio-system'],
    [
      'beside one that holds something else',
      [configMap('istio', undefined), configMap('istio-ca', 'rootNamespace: config')],
      'config',
    ],
    [
      'beside an object of another kind',
      [{ ...configMap('istio', 'rootNamespace: config'), kind: 'Secret' }],
      'istio-system',
    ],
  ])('%s', (_, manifests, expected) => {
    expect(rootNamespaceIn(manifests)).toBe(expected);
  });

  test('of a mesh configuration that nobody can read', () => {
    expect(() => rootNamespaceIn([configMap('istio', 'a: [')])).toThrow(
      'ConfigMap istio-system/istio contains no valid YAML in its key "mesh"; fix it and run again.',
    );
  });
});
