import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { definedFields, fieldOf } from '../fields';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { wholeNumberProblem } from '../number-range';
import { objectNameProblem } from '../object-name';
import { textLimitProblem } from '../size-limit';
import {
  intoRootNamespace,
  namespacedScopeProblems,
  renderSelector,
  scopedMetadata,
  type PolicyScope,
} from '../policy-scope';
import { warn } from '../warnings';

/** Properties of {@link WorkloadProxyConfig}. */
export interface WorkloadProxyConfigProps extends PolicyScope {
  /**
   * Number of worker threads of a proxy; 0 uses one per core.
   *
   * @default - the value of the wider scope
   */
  readonly concurrency?: number;

  /**
   * Environment variables of the proxy, with values of at most 2048 characters.
   *
   * @default - the variables of the wider scope
   */
  readonly environmentVariables?: Readonly<Record<string, string>>;

  /**
   * Variant of the proxy's image, such as `distroless` or `debug`.
   *
   * @default - the value of the wider scope
   */
  readonly imageType?: string;

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

// The limit in Istio's CustomResourceDefinition.
const MAX_VALUE = 2048;

/**
 * Bootstrap configuration of the proxies of the whole mesh, a namespace, or some workloads, as a ProxyConfig. For each
 * field, the most specific ProxyConfig applies. A sidecar gets a change when its pod is replaced, as in a restart of
 * outdated workloads.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export class WorkloadProxyConfig extends MeshConstruct {
  /** The raw ProxyConfig. */
  readonly proxyConfig: ApiObject;

  /** @throws Error that lists all problems: a workload without a namespace, invalid numbers, labels, values or names */
  constructor(scope: Construct, id: string, props: WorkloadProxyConfigProps) {
    super(scope, id);
    const name = props.name ?? id;
    const { concurrency, environmentVariables = {}, imageType } = props;
    const settings = {
      ...definedFields({ concurrency }),
      ...fieldOf('environmentVariables', environmentVariables),
      ...fieldOf('image', { imageType }),
    };
    throwProblems(this, [
      ...objectNameProblem(name),
      ...namespacedScopeProblems(props),
      ...wholeNumberProblem('concurrency', concurrency, 0),
      ...Object.keys(environmentVariables)
        .filter((variable) => !/^[-._A-Za-z][-._A-Za-z0-9]*$/.test(variable))
        .map(
          (variable) =>
            `environmentVariables has '${variable}', which is not a valid name: write a name such as 'ISTIO_META_NETWORK'`,
        ),
      ...Object.entries(environmentVariables).flatMap(([variable, value]) =>
        // In plain JavaScript, a value from `process.env` may be undefined.
        typeof value === 'string' ? textLimitProblem(`environmentVariables '${variable}'`, value, MAX_VALUE) : [],
      ),
      ...(imageType === undefined || /^[\w.-]+$/.test(imageType)
        ? []
        : [`imageType '${imageType}' is not a variant of an image: write one such as 'distroless'`]),
    ]);
    this.proxyConfig = new ApiObject(this, 'Default', {
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ProxyConfig',
      metadata: scopedMetadata(name, props),
      spec: { ...renderSelector(props), ...settings },
    });
    if (Object.keys(settings).length === 0) {
      warn(this, 'is empty: set concurrency, environmentVariables or imageType, or leave it out');
    }
    MeshOrder.of(this).addObjects(this);
    intoRootNamespace(this, props, this.proxyConfig);
  }
}
