import { getVersion } from '@pulumi/kubernetes/utilities';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterArgs, ComponentCluster } from './cluster-args';
import { ComponentError } from './component-error';

/** Inputs of a Kubernetes provider, in the form in which Pulumi's engine takes them. */
export type ProviderInputs = Readonly<Record<string, pulumi.Input<unknown>>>;

/**
 * The Kubernetes provider of a MeshDeployment: the one that its options give, or a parent passes on, but for ConfigMaps
 * and Secrets, which it updates in place. Left to itself the provider replaces those whose data changed, and istiod has
 * no configuration in between.
 */
export class MeshProvider extends pulumi.ProviderResource {
  /** The same cluster for the dynamic resources. */
  readonly target: ComponentCluster;

  /**
   * @param component whose options are asked for a provider
   * @throws ComponentError when a provider is given whose inputs cannot be read, or one and `args` as well
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
    throw new ComponentError(
      `Both a Kubernetes provider and ${named.join(', ')} say which cluster it is; leave ${named.join(', ')} out, or pass as provider a kubernetes.Provider made from ${named.length === 1 ? 'it' : 'them'}.`,
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
      'The inputs of its Kubernetes provider cannot be read, and so neither which cluster it is; pass one made with new kubernetes.Provider(…) of @pulumi/kubernetes, with the kubeconfig among its arguments.',
      component,
    );
  }
  return { ...inputs, kubeconfig: refuseRendering(renderYamlToDirectory, component).apply(() => kubeconfig) };
}

/**
 * The value of a provider's output, or `undefined` where it has none, or an empty text, which is as good to the provider.
 * In a preview, an output without a value counts as not known yet; here it is known to be none.
 *
 * @param output as the resource has it: what is derived from it no longer tells the two apart
 */
function whenPresent(
  output: pulumi.Output<unknown>,
  wrap: (output: pulumi.Output<unknown>) => pulumi.Output<unknown> = (same) => same,
): pulumi.Output<unknown> {
  // With Pulumi's own marker for a value that is not known yet.
  const raw = (output as unknown as { promise(withUnknowns: true): Promise<unknown> }).promise(true);
  return pulumi.output(raw.then((value) => (value === undefined || value === '' ? undefined : wrap(output))));
}

function refuseRendering(
  directory: pulumi.Input<unknown>,
  component: pulumi.ComponentResource,
): pulumi.Output<undefined> {
  return (pulumi.output(directory) as pulumi.Output<unknown>).apply((value) => {
    if (value !== undefined) {
      throw new ComponentError(
        `Its Kubernetes provider renders YAML to ${String(value)} (renderYamlToDirectory), which leaves no cluster to restart workloads in; synthesize the chart with cdk8s instead, or pass a provider without it.`,
        component,
      );
    }
    return undefined;
  });
}

/** An argument that is given and turns out to be empty must not come to mean the cluster of the surroundings. */
function checkedArgs(args: ClusterArgs, component: pulumi.ComponentResource): ClusterArgs {
  const checked = (['kubeconfig', 'context', 'cluster'] as const).flatMap((key) => {
    const value = args[key];
    if (value === undefined) {
      return [];
    }
    const output = pulumi.output(value).apply((text: string | undefined) => {
      if (text === undefined || text === '') {
        throw new ComponentError(`Its argument ${key} is given and empty; pass a value, or leave it out.`, component);
      }
      return text;
    });
    return [[key, output] as const];
  });
  return Object.fromEntries(checked);
}

/**
 * What Pulumi's default provider would take from the stack's configuration, unless the arguments say otherwise.
 *
 * @param config the stack's, with full keys such as `kubernetes:context`
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
  // A context belongs to its kubeconfig, and a cluster to its context.
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

/** A kubeconfig as an object, as some packages put it out, is as good as its JSON to the provider. */
function textOf(input: pulumi.Input<unknown>): pulumi.Output<string> {
  const text = (pulumi.output(input) as pulumi.Output<unknown>).apply((value) =>
    value === undefined || typeof value === 'string' ? value : JSON.stringify(value),
  );
  // As inputs go, one that resolves to undefined is not there.
  return text as pulumi.Output<string>;
}

/** Version of the provider's plugin, when its options ask for one. */
function versionOf(provider: pulumi.ProviderResource | undefined): string | undefined {
  return (provider as { readonly __version?: string } | undefined)?.__version;
}
