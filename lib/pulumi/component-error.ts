import * as pulumi from '@pulumi/pulumi';

/** An error about the arguments or options of a component. Pulumi shows only its message, on the component. */
export class ComponentError extends pulumi.ResourceError {
  constructor(message: string, component: pulumi.ComponentResource) {
    super(message, component, true);
    // Pulumi inspects every error for its log, which takes minutes if the error refers to a graph of resources.
    Object.defineProperty(this, 'resource', { enumerable: false });
  }
}
