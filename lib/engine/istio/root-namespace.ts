import { parse } from '../../bundled-libraries/yaml';
import type { Istiod } from './control-planes';
import { RestartError } from '../restart-error';

/** Istio's default root namespace. */
const DEFAULT_ROOT = 'istio-system';

/**
 * The namespace whose policies apply to the whole mesh, from the mesh configuration of the default revision, otherwise
 * of the first revision.
 *
 * @throws RestartError `InjectorOutOfDate` for a mesh configuration that is not YAML
 */
export function rootNamespaceOf(istiods: readonly Pick<Istiod, 'revision' | 'meshConfigMap'>[]): string {
  const configMap = (istiods.find(({ revision }) => revision === 'default') ?? istiods[0])?.meshConfigMap;
  let config: unknown;
  try {
    config = parse(configMap?.data?.mesh ?? '');
  } catch (cause) {
    const { namespace = DEFAULT_ROOT, name = '' } = configMap?.metadata ?? {};
    throw new RestartError(
      'InjectorOutOfDate',
      `ConfigMap ${namespace}/${name} contains no valid YAML in its key "mesh"`,
      { remedy: 'fix it and run again', cause },
    );
  }
  const root = typeof config === 'object' && config !== null && 'rootNamespace' in config && config.rootNamespace;
  return typeof root === 'string' && root !== '' ? root : DEFAULT_ROOT;
}
