import { renderConnectionRoute } from './connection-route';
import { renderExportTo } from './export-to';
import { gatewayName } from './gateway-name';
import type { PolicyRoutes } from './policy-routes';
import type { TrafficPolicyProps } from './traffic-policy-props';
import { renderRoute } from './traffic-route';

/** A policy's VirtualService, as its `spec`; undefined if it would be empty. */
export function renderVirtualService(
  { host, namespace, hosts, routes, tlsRoutes, tcpRoutes }: PolicyRoutes,
  { gateways = [], fault, exportTo }: TrafficPolicyProps,
): Readonly<Record<string, unknown>> | undefined {
  const blocks = {
    ...block(
      'http',
      routes.map((route) => renderRoute(route, { host, namespace, fault })),
    ),
    ...block(
      'tls',
      tlsRoutes.map((route) => renderConnectionRoute(route, host)),
    ),
    ...block(
      'tcp',
      tcpRoutes.map((route) => renderConnectionRoute(route, host)),
    ),
  };
  if (Object.keys(blocks).length === 0) return undefined;
  return {
    ...block('hosts', hosts),
    ...block(
      'gateways',
      gateways.map((gateway) => gatewayName(gateway, namespace)),
    ),
    ...blocks,
    ...renderExportTo(exportTo),
  };
}

function block(name: string, entries: readonly unknown[]): Record<string, unknown> {
  return entries.length > 0 ? { [name]: entries } : {};
}
