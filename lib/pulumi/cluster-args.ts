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
}

/** The two properties as inputs of a resource, the kubeconfig as a secret; a property that is not given stays away. */
export function clusterInputs({ kubeconfig, context }: ClusterArgs): ClusterArgs {
  return {
    ...(kubeconfig === undefined ? undefined : { kubeconfig: pulumi.secret(kubeconfig) }),
    ...(context === undefined ? undefined : { context }),
  };
}
