import { labelNameProblem } from '../object-name';

/** A Service as an object: `Service` of cdk8s-plus-27 or later, or an `ApiObject` of cdk8s. */
export interface ServiceObject {
  /**
   * Kind of the object, `Service`.
   *
   * @default - the object is treated as a Service
   */
  readonly kind?: string;

  /** `metadata.name` of the Service. */
  readonly name: string;

  /** Metadata of the Service. */
  readonly metadata: {
    /**
     * Namespace of the Service.
     *
     * @default - the namespace of the object that refers to it
     */
    readonly namespace?: string;
  };
}

/** A Service, as an object or by its name. */
export type ServiceReference = ServiceObject | string;

/** The name of a Service that is given as an object or by its name. */
export function serviceName(service: ServiceReference): string {
  return typeof service === 'string' ? service : service.name;
}

/** The full host of a Service. */
export function serviceHost(service: ServiceReference, namespace: string): string {
  return `${serviceName(service)}.${namespace}.svc.cluster.local`;
}

/**
 * The name by which an object in a namespace refers to a host: the host of a Service, in its full form if the Service
 * is in another namespace; or the given host.
 */
export function hostOf(host: ServiceReference, namespace?: string): string {
  if (typeof host === 'string') return host;
  const own = host.metadata.namespace;
  return own === undefined || own === namespace ? host.name : serviceHost(host, own);
}

/** The problem with an object that is not a Service, if any. */
export function serviceKindProblem(what: string, service: ServiceReference): string[] {
  if (typeof service === 'string' || service.kind === undefined || service.kind === 'Service') return [];
  return [
    `${what} is ${service.kind} '${service.name}', not a Service: name a Service, such as the one that selects its pods`,
  ];
}

/** The problems with a Service that must be in a certain namespace, one sentence each. */
export function serviceProblems(what: string, service: ServiceReference, namespace: string): string[] {
  const own = typeof service === 'string' ? undefined : service.metadata.namespace;
  return [
    ...serviceKindProblem(what, service),
    ...labelNameProblem(what, serviceName(service)),
    ...(own === undefined || own === namespace
      ? []
      : [
          `${what} '${serviceName(service)}' is in namespace '${own}', not in '${namespace}': name a Service in '${namespace}'`,
        ]),
  ];
}
