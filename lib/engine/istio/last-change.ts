import type { ObjectMeta } from '../cluster/objects';
import type { Istiod } from './control-planes';

/** The last change of the injector's ConfigMaps, in milliseconds since the epoch; 0 if it is unknown. */
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
