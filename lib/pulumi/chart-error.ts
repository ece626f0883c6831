import * as pulumi from '@pulumi/pulumi';

/** What is wrong with a chart. Pulumi shows its message alone; other errors of an async program come with their stack. */
export function chartError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
