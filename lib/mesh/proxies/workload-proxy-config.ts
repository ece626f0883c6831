import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { throwProblems } from '../construct-error';
import { definedFields, fieldOf } from '../fields';
import { MeshConstruct } from '../mesh-construct';
import { MeshOrder } from '../mesh-order';
import { wholeNumberProblem } from '../number-range';
import { objectNameProblem } from '../object-name';
import { intoRootNamespace, renderSelector, scopedMetadata, scopeProblems, type PolicyScope } from '../policy-scope';
import { warn } from '../warnings';

/** Properties of {@link WorkloadProxyConfig}. */
export interface WorkloadProxyConfigProps extends PolicyScope {
  /**
   * Worker threads of a proxy; 0 for as many as cores.
   *
   * @default - that of the wider scope
   */
  readonly concurrency?: number;

  /**
   * Environment variables of the proxy.
   *
   * @default - those of the wider scope
   */
  readonly environmentVariables?: Readonly<Record<string, string>>;

  /**
   * Variant of the proxy's image, such as `distroless` or `debug`.
   *
   * @default - that of the wider scope
   */
  readonly imageType?: string;

  /**
   * `metadata.name` of the object.
   *
   * @default - the construct's id
   */
  readonly name?: string;
}

/**
 * Configuration that proxies start with, as a ProxyConfig: those of the whole mesh, of a namespace, or of some workloads.
 * The narrowest one decides, field by field. A change reaches a sidecar when its pod is replaced, which a restart of what
 * is out of date does.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export class WorkloadProxyConfig extends MeshConstruct {
  /** The raw ProxyConfig. */
  readonly proxyConfig: ApiObject;

  /** @throws Error that lists all problems: it says nothing, or numbers, labels or names that are none */
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
      ...scopeProblems(props),
      ...wholeNumberProblem('concurrency', concurrency, 0),
      ...Object.keys(environmentVariables)
        .filter((variable) => !/^[-._A-Za-z][-._A-Za-z0-9]*$/.test(variable))
        .map(
          (variable) =>
            `environmentVariables has '${variable}', which cannot be one: write a name such as 'ISTIO_META_NETWORK'`,
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
