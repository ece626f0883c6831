import * as pulumi from '@pulumi/pulumi';

/** Which cluster, as the Pulumi Kubernetes provider takes it. */
export interface ClusterArgs {
  /**
   * Path of a kubeconfig file, or the contents of one; kept as a secret.
   *
   * @default - the files that the environment variable KUBECONFIG names, else ~/.kube/config
   */
  readonly kubeconfig?: pulumi.Input<string>;
  /**
   * Name of the context in the kubeconfig.
   *
   * @default - the kubeconfig's current context
   */
  readonly context?: pulumi.Input<string>;
  /**
   * Name of a cluster in the kubeconfig, to use with the user of the context.
   *
   * @default - the context's cluster
   */
  readonly cluster?: pulumi.Input<string>;
}

/** Which cluster, for the dynamic resources of a MeshDeployment, as its provider has it. */
export interface ComponentCluster extends ClusterArgs {
  /** Id of the component's Kubernetes provider, which Pulumi changes when it takes the cluster for another one. */
  readonly providerId: pulumi.Input<string>;
}

/** The arguments as inputs of a resource, the kubeconfig as a secret; what is not given stays away. */
export function clusterInputs(args: ClusterArgs | ComponentCluster): pulumi.Inputs {
  const { kubeconfig, context, cluster } = args;
  if ('providerId' in args) {
    // The kubeconfig is a secret where there is one; a secret that holds none would be an input nonetheless.
    return { kubeconfig, context, cluster, providerId: args.providerId };
  }
  return {
    ...(kubeconfig === undefined ? undefined : { kubeconfig: pulumi.secret(kubeconfig) }),
    ...(context === undefined ? undefined : { context }),
    ...(cluster === undefined ? undefined : { cluster }),
  };
}
