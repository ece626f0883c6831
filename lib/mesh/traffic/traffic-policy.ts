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
 * Where requests to a host go, and how clients deal with its failures: a VirtualService and a DestinationRule.
 *
 * @see https://istio.io/latest/docs/concepts/traffic-management/
 */
export class TrafficPolicy extends MeshConstruct {
  /** Name of the objects. */
  readonly name: string;

  /** Name of their namespace. */
  readonly namespace: string;

  /** Whether the routes are for what other policies delegate. */
  readonly delegated: boolean;

  /** The routes of requests. */
  readonly routes: readonly TrafficRoute[];

  /** The raw VirtualService; there is none without routes and fault. */
  readonly virtualService?: ApiObject;

  /**
   * The raw DestinationRule; beside routes there is none without subsets, circuit breaker, connection pool, load balancing
   * and client TLS.
   */
  readonly destinationRule?: ApiObject;

  /**
   * @throws Error that lists all problems: weights without a share above 0, subsets that are not defined, a per-try
   * timeout above the route's timeout, routes that are never reached, redirects that also forward, SNI hosts that are
   * not within the hosts, gateways that serve other hosts, delegates that have hosts of their own or match something
   * else, failover from pods that are never ejected, values out of range
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
      // A route to a subset that no proxy knows yet answers 503, and so does one to a delegate.
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

  /** Whether a namespace sees the objects, as far as `exportTo` says. */
  isExportedTo(namespace: string): boolean {
    return isExportedTo(this.props.exportTo, this.namespace, namespace);
  }
}

function policyHost(host: TrafficPolicyProps['host'], namespace: string): string {
  if (host === undefined) return '';
  return host instanceof ServiceEntry ? (host.hosts[0] ?? '') : hostOf(host, namespace);
}
