import { resourceProblems, type ContainerResources } from '../installation/container-resources';
import type { IstioInstallation } from '../installation/istio-installation';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { imageProblems } from './image-reference';
import { MAX_NAME } from './restart-job';
import type { RestarterMode } from './restarter-mode';
import { restarterMonitoringProblems, type RestarterMonitoring } from './restarter-monitoring';
import { restarterNetworkPolicyProblems, type RestarterNetworkPolicy } from './restarter-network-policy';
import { restarterOptionProblems, type RestarterOptions } from './restarter-options';
import { restarterResources } from './restarter-resources';

/** The props that can be wrong. */
interface Checked {
  readonly image: string;
  readonly mode: RestarterMode;
  readonly options?: RestarterOptions;
  readonly networkPolicy?: boolean | RestarterNetworkPolicy;
  readonly monitoring?: boolean | RestarterMonitoring;
  readonly resources?: ContainerResources;
}

/** The problems with the props of a SidecarRestarter. */
export function restarterProblems(
  props: Checked,
  at: { readonly name: string; readonly namespace: string; readonly istios: readonly IstioInstallation[] },
): string[] {
  const { image, mode, options = {}, networkPolicy, monitoring = false } = props;
  return [
    ...objectNameProblem(at.name),
    ...(at.name.length > MAX_NAME
      ? [
          `name '${at.name}' is too long: write at most ${String(MAX_NAME)} characters, because the names of Jobs start with it`,
        ]
      : []),
    ...(at.istios.length === 0
      ? ['istio is empty: name the control plane']
      : labelNameProblem('namespace', at.namespace)),
    ...imageProblems(image),
    ...mode.problems,
    ...restarterOptionProblems(options),
    ...(typeof monitoring === 'object' ? restarterMonitoringProblems(monitoring) : []),
    ...(monitoring && mode.schedule.kind !== 'watch'
      ? ['monitoring is set, but a Job serves no metrics: use RestarterMode.watch(), or leave it out']
      : []),
    ...(typeof networkPolicy === 'object' ? restarterNetworkPolicyProblems(networkPolicy) : []),
    ...resourceProblems('resources', restarterResources(props.resources), {}),
  ];
}
