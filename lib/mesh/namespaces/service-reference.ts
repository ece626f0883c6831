import type { Service } from 'cdk8s-plus-27';
import { labelNameProblem } from '../object-name';

/** A Service, as cdk8s-plus has it or by its name. */
export type ServiceReference = Service | string;

/** The name of a Service that is given as the construct or by its name. */
export function serviceName(service: ServiceReference): string {
  return typeof service === 'string' ? service : service.name;
}

/** The host of a Service in full. */
export function serviceHost(service: ServiceReference, namespace: string): string {
  return `${serviceName(service)}.${namespace}.svc.cluster.local`;
}

/** What is wrong with a Service that must be one of a namespace, one sentence each. */
export function serviceProblems(what: string, service: ServiceReference, namespace: string): string[] {
  const own = typeof service === 'string' ? undefined : service.metadata.namespace;
  return [
    ...labelNameProblem(what, serviceName(service)),
    ...(own === undefined || own === namespace
      ? []
      : [
          `${what} '${serviceName(service)}' is in namespace '${own}', not in '${namespace}': name one of '${namespace}'`,
        ]),
  ];
}
