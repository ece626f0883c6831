import { fieldOf } from '../fields';
import { renderResources, resourceProblems, type ContainerResources } from './container-resources';

/** Settings of Istio's CNI node agent. */
export interface CniOptions {
  /**
   * Resources of the agent, which runs on every node.
   *
   * @default - the chart's: requests of 100m and 100Mi, no limits
   */
  readonly resources?: ContainerResources;
}

const CHART_RESOURCES = { requests: { cpu: '100m', memory: '100Mi' } };

/** The problems with the settings, one sentence each. */
export function cniProblems(cni: boolean | CniOptions | undefined): string[] {
  return typeof cni === 'object' ? resourceProblems('cni.resources', cni.resources ?? {}, CHART_RESOURCES) : [];
}

/** The settings as values of the cni chart. */
export function cniValues(cni: boolean | CniOptions | undefined): Record<string, unknown> {
  return typeof cni === 'object' ? fieldOf('resources', { ...renderResources(cni.resources ?? {}) }) : {};
}
