import { listOf, mapOf, nullable, objectOf, TEXT } from './field-type';

const NAMED = objectOf({ name: TEXT }, ['name']);
const MOUNT = objectOf({ name: TEXT, mountPath: TEXT }, ['name', 'mountPath']);
const CONTAINERS = listOf(
  objectOf({ name: TEXT, env: nullable(listOf(NAMED)), volumeMounts: nullable(listOf(MOUNT)) }, ['name']),
);

/** The fields of a pod's spec that are read before the API server has checked them. */
export const POD_SPEC = objectOf(
  { containers: CONTAINERS, initContainers: CONTAINERS, volumes: nullable(listOf(NAMED)) },
  ['containers'],
);

/** The fields of a pod template that are read before the API server has checked them. */
export const POD_TEMPLATE = objectOf(
  { metadata: objectOf({ labels: mapOf(TEXT), annotations: mapOf(TEXT) }), spec: POD_SPEC },
  ['spec'],
);
