import { parse } from 'yaml';
import type { Istiod } from './control-planes';
import { RestartError } from '../restart-error';

/** Where Istio looks when nothing else is configured. */
const DEFAULT_ROOT = 'istio-system';

/**
 * The namespace whose policies are for the whole mesh, as the mesh configuration of the default revision says, else that
 * of the first one.
 *
 * @throws RestartError `InjectorOutOfDate` for a mesh configuration that is no YAML
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
      `ConfigMap ${namespace}/${name} holds no readable YAML in its key "mesh"`,
      { remedy: 'correct it and run again', cause },
    );
  }
  const root = typeof config === 'object' && config !== null && 'rootNamespace' in config && config.rootNamespace;
  return typeof root === 'string' && root !== '' ? root : DEFAULT_ROOT;
}
