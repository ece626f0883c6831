import { labelNameProblem } from '../object-name';

/** A Service as an object: that of any cdk8s-plus from 27 on, or an `ApiObject` of cdk8s. */
export interface ServiceObject {
  /**
   * Its kind: `Service`, where the object says it.
   *
   * @default - it is taken for a Service
   */
  readonly kind?: string;

  /** Its `metadata.name`. */
  readonly name: string;

  /** Its metadata. */
  readonly metadata: {
    /**
     * Its namespace.
     *
     * @default - that of the object that refers to it
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

/** The host of a Service in full. */
export function serviceHost(service: ServiceReference, namespace: string): string {
  return `${serviceName(service)}.${namespace}.svc.cluster.local`;
}

/** The host that an object of a namespace names: that of a Service, in full where it is of another namespace; or the host. */
export function hostOf(host: ServiceReference, namespace?: string): string {
  if (typeof host === 'string') return host;
  const own = host.metadata.namespace;
  return own === undefined || own === namespace ? host.name : serviceHost(host, own);
}

/** The problem with what is no Service but an object of another kind, or nothing. */
export function serviceKindProblem(what: string, service: ServiceReference): string[] {
  if (typeof service === 'string' || service.kind === undefined || service.kind === 'Service') return [];
  return [`${what} is ${service.kind} '${service.name}', and not a Service: name the Service in front of it`];
}

/** The problems with a Service that must be one of a namespace, one sentence each. */
export function serviceProblems(what: string, service: ServiceReference, namespace: string): string[] {
  const own = typeof service === 'string' ? undefined : service.metadata.namespace;
  return [
    ...serviceKindProblem(what, service),
    ...labelNameProblem(what, serviceName(service)),
    ...(own === undefined || own === namespace
      ? []
      : [
          `${what} '${serviceName(service)}' is in namespace '${own}', not in '${namespace}': name one of '${namespace}'`,
        ]),
  ];
}
