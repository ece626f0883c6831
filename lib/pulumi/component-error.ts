import * as pulumi from '@pulumi/pulumi';

/** What a component refuses of its arguments and options: the message alone, shown with the component. */
export class ComponentError extends pulumi.ResourceError {
  constructor(message: string, component: pulumi.ComponentResource) {
    super(message, component, true);
    // Pulumi inspects every error for its log, which takes minutes where a graph of resources hangs on it.
    Object.defineProperty(this, 'resource', { enumerable: false });
  }
}
