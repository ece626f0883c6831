import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { isExportedTo } from './export-to';
import { IstioObject } from '../istio-object';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { namespaceName } from '../namespaces/namespace-reference';
import { hostOf } from '../namespaces/service-reference';
import { labelNameProblem, objectNameProblem } from '../object-name';
import { policyProblems, policyWarnings } from './policy-problems';
import { policyRoutes } from './policy-routes';
import { renderDestinationRule } from './render-destination-rule';
import { renderVirtualService } from './render-virtual-service';
import { ServiceEntry } from './service-entry';
import type { TrafficPolicyProps } from './traffic-policy-props';
import type { TrafficRoute } from './traffic-route';
import { warn } from '../warnings';

/**
 * Routes requests to a host, and configures how clients connect to it and handle its failures, with a VirtualService
 * and a DestinationRule.
 *
 * @see https://istio.io/latest/docs/concepts/traffic-management/
 */
export class TrafficPolicy extends MeshConstruct {
  /** Name of the objects. */
  readonly name: string;

  /** Namespace of the objects. */
  readonly namespace: string;

  /** Whether the routes apply to requests that other policies delegate. */
  readonly delegated: boolean;

  /** Routes for requests. */
  readonly routes: readonly TrafficRoute[];

  /** The raw VirtualService; undefined without routes and fault. */
  readonly virtualService?: ApiObject;

  /**
   * The raw DestinationRule; undefined if the policy has routes or a fault, but neither subsets nor settings of clients
   * for the host, such as a circuit breaker or client TLS.
   */
  readonly destinationRule?: ApiObject;

  /**
   * @throws Error that lists all problems: weights that are all 0, undefined subsets, a per-try timeout above the
   * route's timeout, routes that are never reached, redirects that also forward, SNI hosts outside the policy's hosts,
   * gateways that serve other hosts, delegates that have their own hosts or match other requests, failover without
   * ejection of pods, values out of range
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: TrafficPolicyProps,
  ) {
    super(scope, id);
    this.name = props.name ?? id;
    this.namespace = namespaceName(props.namespace);
    this.delegated = props.hosts === 'delegated';
    const metadata = { name: this.name, namespace: this.namespace };
    const host = policyHost(props.host, this.namespace);
    const policy = policyRoutes(host, this.namespace, props);
    this.routes = policy.routes;
    const destinationRule = renderDestinationRule(host, props);
    const virtualService = renderVirtualService(policy, props);
    throwProblems(this, [
      ...objectNameProblem(this.name),
      ...labelNameProblem('namespace', this.namespace),
      ...policyProblems(policy, props),
      ...((destinationRule ?? virtualService)
        ? []
        : [`is empty${host === '' ? '' : ` for host '${host}'`}: set routes, subsets or circuitBreaker`]),
    ]);

    if (destinationRule) {
      this.destinationRule = new IstioObject(this, 'destination-rule', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata,
        spec: destinationRule,
      });
    }
    if (virtualService) {
      this.virtualService = new IstioObject(this, 'virtual-service', {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata,
        spec: virtualService,
      });
      // Until proxies know a subset or a delegate, requests that are routed to it fail with 503.
      if (this.destinationRule) this.virtualService.addDependency(this.destinationRule);
      for (const { delegate } of this.routes) {
        if (delegate instanceof TrafficPolicy && delegate.virtualService) {
          this.virtualService.addDependency(delegate.virtualService);
        }
      }
    }
    warn(this, ...policyWarnings(policy, props, destinationRule));
    MeshOrder.of(this).addObjects(this);
  }

  /** Whether `exportTo` exports the objects to a namespace. */
  isExportedTo(namespace: string): boolean {
    return isExportedTo(this.props.exportTo, this.namespace, namespace);
  }
}

function policyHost(host: TrafficPolicyProps['host'], namespace: string): string {
  if (host === undefined) return '';
  return host instanceof ServiceEntry ? (host.hosts[0] ?? '') : hostOf(host, namespace);
}
