import { fieldsAt, textAt } from '../../mesh/checks/spec-fields';
import type { ConfigMap } from '../../engine/cluster/objects';
import { rootNamespaceOf } from '../../engine/istio/root-namespace';
import type { ManifestObject } from '../manifests/read-manifests';

const REVISION = 'istio.io/rev';
const MESH_CONFIG_MAP = /^istio(?:-(.+))?$/;

/**
 * The namespace whose policies apply to the whole mesh, from the mesh configuration in the manifests; `istio-system` if
 * they contain none.
 *
 * @throws RestartError `InjectorOutOfDate` for a mesh configuration that is not YAML
 */
export function rootNamespaceIn(manifests: readonly ManifestObject[]): string {
  return rootNamespaceOf(
    manifests.flatMap((manifest) => {
      const { metadata } = manifest;
      const match = MESH_CONFIG_MAP.exec(metadata.name);
      return manifest.apiVersion === 'v1' &&
        manifest.kind === 'ConfigMap' &&
        match &&
        textAt(fieldsAt(manifest, 'data'), 'mesh') !== undefined
        ? [
            {
              revision: metadata.labels?.[REVISION] ?? match[1] ?? 'default',
              meshConfigMap: manifest as unknown as ConfigMap,
            },
          ]
        : [];
    }),
  );
}
