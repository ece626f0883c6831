import { celEnv, isCelError, parse, plan, type CelInput } from '@bufbuild/cel';
import type { ApiObject } from 'cdk8s';

interface Policy {
  readonly spec: {
    readonly matchConstraints: {
      readonly resourceRules: readonly {
        readonly apiGroups: readonly string[];
        readonly resources: readonly string[];
        readonly operations: readonly string[];
      }[];
    };
    readonly matchConditions: readonly { readonly expression: string }[];
    readonly variables: readonly { readonly name: string; readonly expression: string }[];
    readonly validations: readonly { readonly expression: string; readonly message: string }[];
  };
}

/** A request as an admission policy sees it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly resource: { readonly group: string; readonly resource: string };
  readonly kind?: { readonly kind: string };
  readonly userInfo: { readonly username: string; readonly groups?: readonly string[] };
  readonly dryRun?: boolean;
  readonly object?: object;
  readonly oldObject?: object;
}

/**
 * The decision of policies about a request, evaluated as by the API server.
 *
 * @returns the messages of the validations that fail; undefined if no policy applies
 */
export function judgedBy(policies: readonly ApiObject[], request: AdmissionRequest): readonly string[] | undefined {
  const concerned = policies.map((one) => one.toJson() as Policy).filter((policy) => isConcerned(policy, request));
  return concerned.length === 0 ? undefined : concerned.flatMap((policy) => messages(policy, request));
}

function isConcerned({ spec }: Policy, request: AdmissionRequest): boolean {
  const { group, resource } = request.resource;
  return (
    spec.matchConstraints.resourceRules.some(
      (rule) =>
        rule.apiGroups.includes(group) &&
        rule.resources.includes(resource) &&
        rule.operations.includes(request.operation),
    ) && spec.matchConditions.every(({ expression }) => evaluated(expression, { request }) === true)
  );
}

function messages({ spec }: Policy, request: AdmissionRequest): readonly string[] {
  const { object = null, oldObject = null } = request;
  const variables: Record<string, unknown> = {};
  for (const { name, expression } of spec.variables) {
    const value = evaluated(expression, { request, object, oldObject, variables });
    // The API server evaluates a variable only where it is used, so errors of unused variables do not count.
    if (!isCelError(value)) {
      variables[name] = value;
    }
  }
  return spec.validations
    .filter(({ expression }) => evaluated(expression, { request, object, oldObject, variables }) !== true)
    .map(({ message }) => message);
}

const planned = new Map<string, ReturnType<typeof plan>>();

function evaluated(expression: string, bindings: object): unknown {
  const known = planned.get(expression) ?? plan(celEnv(), parse(expression));
  planned.set(expression, known);
  return known(bindings as Record<string, CelInput>);
}
