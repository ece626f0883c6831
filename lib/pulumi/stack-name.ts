import * as pulumi from '@pulumi/pulumi';

/** The name of the program's stack, for messages of methods that run outside the program. */
export function stackName(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}
