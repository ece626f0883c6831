import * as pulumi from '@pulumi/pulumi';

/** An error about a chart. Pulumi shows only its message; for other errors of an async program, it shows the stack. */
export function chartError(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = message;
  return error;
}
