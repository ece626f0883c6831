import type { ApiOptions } from '../cluster/api';
import type { Namespace } from '../cluster/objects';
import { RestartError } from '../restart-error';
import type { RestartOptions } from './restart-options';
import { withCluster } from '../cluster/with-cluster';

const SHOWN = 10;

/**
 * Rejects selected namespaces that do not exist. Only commands call it, because people mistype names. The functions of
 * the engine accept such namespaces, because a program may select one before it exists; its plan is then empty.
 *
 * @throws RestartError `InvalidOption`, and the errors of a cluster that cannot be reached
 */
export async function refuseUnknownNamespaces(options: ApiOptions & Pick<RestartOptions, 'namespaces'>): Promise<void> {
  const { namespaces = [] } = options;
  if (namespaces.length === 0) {
    return;
  }
  await withCluster(options, async (api) => {
    const names = await api.list<Namespace, string>('/api/v1/namespaces', ({ metadata }) => metadata.name, {
      metadataOnly: true,
    });
    const unknown = namespaces.filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      const shown = [...names].sort().slice(0, SHOWN).join(', ');
      const more = names.length > SHOWN ? ` and ${String(names.length - SHOWN)} more` : '';
      throw new RestartError(
        'InvalidOption',
        `The cluster of context "${api.context}" has no ${unknown.length === 1 ? 'namespace' : 'namespaces'} ${unknown.join(', ')}`,
        { remedy: `it has ${shown}${more}` },
      );
    }
  });
}
