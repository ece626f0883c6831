import * as pulumi from '@pulumi/pulumi';

/** The stack of the program, for messages of methods that run without it. */
export function stackName(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}
