import * as pulumi from '@pulumi/pulumi';

/** Selects the cluster, with the arguments of the Pulumi Kubernetes provider. */
export interface ClusterArgs {
  /**
   * Path or contents of a kubeconfig file. Stored as a secret.
   *
   * @default - for a MeshDeployment, the kubeconfig of its Kubernetes provider, or that of the stack's configuration.
   * Without these, and for all other resources, the files in the environment variable KUBECONFIG, or else
   * ~/.kube/config, or else the service account of the pod
   */
  readonly kubeconfig?: pulumi.Input<string>;
  /**
   * Name of the context in the kubeconfig.
   *
   * @default - for a MeshDeployment, the context of its Kubernetes provider; or, without the argument `kubeconfig`,
   * that of the stack's configuration. Without these, and for all other resources, the kubeconfig's current context
   */
  readonly context?: pulumi.Input<string>;
  /**
   * Name of a cluster in the kubeconfig, to use with the user of the context.
   *
   * @default - for a MeshDeployment, the cluster of its Kubernetes provider; or, without the arguments `kubeconfig` and
   * `context`, that of the stack's configuration. Without these, and for all other resources, the context's cluster
   */
  readonly cluster?: pulumi.Input<string>;
}

/** Selects the cluster of a MeshDeployment's Kubernetes provider, for the dynamic resources. */
export interface ComponentCluster extends ClusterArgs {
  /** Id of the component's Kubernetes provider. Pulumi changes it if it considers the cluster to be a different one. */
  readonly providerId: pulumi.Input<string>;
}

/**
 * The arguments as inputs of a resource, with the kubeconfig as a secret. Omits undefined arguments. The arguments of a
 * component are outputs, which Pulumi omits if they resolve to undefined.
 */
export function clusterInputs(args: ClusterArgs | ComponentCluster): Partial<ComponentCluster> {
  const { kubeconfig, context, cluster } = args;
  if ('providerId' in args) {
    // The kubeconfig is already a secret if it has a value. With pulumi.secret, an undefined one would not be omitted.
    return { kubeconfig, context, cluster, providerId: args.providerId };
  }
  return {
    ...(kubeconfig === undefined ? undefined : { kubeconfig: pulumi.secret(kubeconfig) }),
    ...(context === undefined ? undefined : { context }),
    ...(cluster === undefined ? undefined : { cluster }),
  };
}
