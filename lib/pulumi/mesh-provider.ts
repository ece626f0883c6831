import { getVersion } from '@pulumi/kubernetes/utilities';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterArgs, ComponentCluster } from './cluster-args';
import { ComponentError } from './component-error';

/** Inputs of a Kubernetes provider, in the form that Pulumi's engine accepts. */
export type ProviderInputs = Readonly<Record<string, pulumi.Input<unknown>>>;

/**
 * The Kubernetes provider of a MeshDeployment. It has the inputs of the provider that the component gets from its
 * options or from its parent, but updates ConfigMaps and Secrets in place. By default, a provider replaces those whose
 * data changed, and istiod has no configuration in between.
 */
export class MeshProvider extends pulumi.ProviderResource {
  /** The cluster of this provider, for the dynamic resources. */
  readonly target: ComponentCluster;

  /**
   * @param component its options may contain a provider
   * @throws ComponentError if the inputs of the provider cannot be read, or if `args` select a cluster as well
   */
  constructor(name: string, args: ClusterArgs, component: pulumi.ComponentResource) {
    const given = component.getProvider('kubernetes:core/v1:Namespace');
    const inputs = given
      ? givenInputs(given, args, component)
      : withSecret(ambientInputs(pulumi.runtime.allConfig(), checkedArgs(args, component)));
    super(
      'kubernetes',
      name,
      { ...inputs, enableConfigMapMutable: 'true', enableSecretMutable: 'true' },
      { parent: component, version: versionOf(given) ?? getVersion() },
    );
    this.target = {
      kubeconfig: textOf(inputs.kubeconfig),
      context: textOf(inputs.context),
      cluster: textOf(inputs.cluster),
      providerId: this.id,
    };
  }
}

function givenInputs(
  given: pulumi.ProviderResource,
  args: ClusterArgs,
  component: pulumi.ComponentResource,
): ProviderInputs {
  const named = (['kubeconfig', 'context', 'cluster'] as const).filter((key) => args[key] !== undefined);
  if (named.length > 0) {
    const them = named.length === 1 ? 'it' : 'them';
    const names = `the ${named.length === 1 ? 'argument' : 'arguments'} ${named.join(', ')}`;
    throw new ComponentError(
      `Both a Kubernetes provider and ${names} select a cluster; remove ${names}, or pass a kubernetes.Provider that is created with ${them}.`,
      component,
    );
  }
  const outputs = Object.entries(given).flatMap(([key, value]: [string, unknown]) =>
    pulumi.Output.isInstance<unknown>(value) && key !== 'id' && key !== 'urn' ? [[key, value] as const] : [],
  );
  const inputs = Object.fromEntries(
    outputs.map(([key, output]) => [key, whenPresent(output, key === 'kubeconfig' ? pulumi.secret : undefined)]),
  );
  const { kubeconfig, renderYamlToDirectory } = inputs;
  if (kubeconfig === undefined) {
    throw new ComponentError(
      'The inputs of its Kubernetes provider cannot be read, so its cluster is unknown; pass a provider that is created with a kubeconfig and new kubernetes.Provider(…) of @pulumi/kubernetes.',
      component,
    );
  }
  return { ...inputs, kubeconfig: refuseRendering(renderYamlToDirectory, component).apply(() => kubeconfig) };
}

/**
 * The value of a provider's output; `undefined` if it has no value or is empty, which means the same to the provider.
 * In a preview, Pulumi treats an output whose value is undefined as unknown. Only Pulumi's own marker for unknown
 * values distinguishes undefined from unknown.
 *
 * @param output the resource's own output: derived outputs no longer distinguish undefined from unknown
 */
function whenPresent(
  output: pulumi.Output<unknown>,
  wrap: (output: pulumi.Output<unknown>) => pulumi.Output<unknown> = (same) => same,
): pulumi.Output<unknown> {
  // Uses Pulumi's own marker for a value that is not known yet.
  const raw = (output as unknown as { promise(withUnknowns: true): Promise<unknown> }).promise(true);
  return pulumi.output(raw.then((value) => (value === undefined || value === '' ? undefined : wrap(output))));
}

function refuseRendering(
  directory: pulumi.Input<unknown>,
  component: pulumi.ComponentResource,
): pulumi.Output<undefined> {
  return (pulumi.output(directory) as pulumi.Output<string | undefined>).apply((value) => {
    if (value !== undefined) {
      throw new ComponentError(
        `Its Kubernetes provider renders YAML to ${value} (renderYamlToDirectory), which leaves no cluster to restart workloads in; synthesize the chart with cdk8s instead, or pass a provider without it.`,
        component,
      );
    }
    return undefined;
  });
}

/** Rejects arguments that turn out to be empty: they must not fall back to the cluster of the environment. */
function checkedArgs(args: ClusterArgs, component: pulumi.ComponentResource): ClusterArgs {
  const checked = (['kubeconfig', 'context', 'cluster'] as const).flatMap((key) => {
    const value = args[key];
    if (value === undefined) {
      return [];
    }
    const output = pulumi.output(value).apply((text: string | undefined) => {
      if (text === undefined || text === '') {
        throw new ComponentError(`Its argument ${key} is empty; pass a value, or leave it out.`, component);
      }
      return text;
    });
    return [[key, output] as const];
  });
  return Object.fromEntries(checked);
}

/**
 * The inputs that Pulumi's default provider takes from the stack's configuration, overridden by the arguments.
 *
 * @param config the stack's configuration, with full keys such as `kubernetes:context`
 */
export function ambientInputs(
  config: Readonly<Record<string, string>>,
  { kubeconfig, context, cluster }: ClusterArgs,
): ProviderInputs {
  const prefix = 'kubernetes:';
  const ofStack: ProviderInputs = Object.fromEntries(
    Object.entries(config).flatMap(([key, value]) =>
      key.startsWith(prefix) && value !== '' ? [[key.slice(prefix.length), value]] : [],
    ),
  );
  const { context: contextOfStack, cluster: clusterOfStack, ...others } = ofStack;
  // A context belongs to its kubeconfig, and a cluster to its context. An argument therefore also discards the values
  // of the stack that belong to the value that it overrides.
  const named =
    kubeconfig !== undefined
      ? { kubeconfig, context, cluster }
      : context !== undefined
        ? { context, cluster }
        : { context: contextOfStack, cluster: cluster ?? clusterOfStack };
  const inputs = { ...others, ...named };
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
}

function withSecret(inputs: ProviderInputs): ProviderInputs {
  const { kubeconfig } = inputs;
  return kubeconfig === undefined ? inputs : { ...inputs, kubeconfig: pulumi.secret(kubeconfig) };
}

/** The kubeconfig as text. Some packages output it as an object, which the provider accepts as JSON. */
function textOf(input: pulumi.Input<unknown>): pulumi.Output<string> {
  const text = (pulumi.output(input) as pulumi.Output<unknown>).apply((value) =>
    value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
  );
  // An input that resolves to undefined counts as missing.
  return text as pulumi.Output<string>;
}

/** Version of the provider's plugin, if its options specify one. */
function versionOf(provider: pulumi.ProviderResource | undefined): string | undefined {
  return (provider as { readonly __version?: string } | undefined)?.__version;
}
