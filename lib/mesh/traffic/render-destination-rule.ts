import { renderDestinationPolicy } from './destination-policy';
import { renderExportTo } from './export-to';
import { fieldOf } from '../fields';
import { Subset } from './subset';
import type { TrafficPolicyProps } from './traffic-policy-props';

/**
 * A policy's DestinationRule for a host, as its `spec`; undefined if it would be empty, unless the policy has a host,
 * and neither routes nor a fault.
 */
export function renderDestinationRule(
  host: string,
  props: TrafficPolicyProps,
): Readonly<Record<string, unknown>> | undefined {
  const { subsets = {}, clients, exportTo } = props;
  const rules = {
    ...fieldOf('trafficPolicy', renderDestinationPolicy(props)),
    ...(Object.keys(subsets).length > 0
      ? { subsets: Object.entries(subsets).map(([name, subset]) => Subset.from(subset).render(name)) }
      : {}),
  };
  const routes = [props.routes, props.tlsRoutes, props.tcpRoutes, props.fault].some((one) => one !== undefined);
  if (Object.keys(rules).length === 0 && (routes || props.host === undefined)) return undefined;
  return {
    host,
    ...rules,
    ...(clients ? { workloadSelector: { matchLabels: clients } } : {}),
    ...renderExportTo(exportTo),
  };
}
