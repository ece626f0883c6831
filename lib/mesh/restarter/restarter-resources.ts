import { renderResources, type ContainerResources } from '../installation/container-resources';

const RESOURCES = { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '1', memory: '512Mi' } };

/** The resources of the restarter's container: the given quantities, and the defaults for all others. */
export function restarterResources(resources: ContainerResources = {}) {
  const { requests, limits } = renderResources(resources);
  return { requests: { ...RESOURCES.requests, ...requests }, limits: { ...RESOURCES.limits, ...limits } };
}
