import type { ObjectMeta } from '../cluster/objects';
import type { Istiod } from './control-planes';

/** When the ConfigMaps of the injector changed last, in milliseconds since the epoch; 0 where they do not say. */
export function lastChange({ injectorConfigMap, meshConfigMap }: Istiod): number {
  const changes = [injectorConfigMap, meshConfigMap].flatMap((configMap) =>
    configMap ? [changeOf(configMap.metadata)] : [],
  );
  return Math.max(0, ...changes);
}

function changeOf(metadata: ObjectMeta): number {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
  return Math.max(...times.map((time) => Date.parse(time ?? '') || 0));
}
