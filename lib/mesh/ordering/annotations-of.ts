import type { ApiObject } from 'cdk8s';

/** The annotations of an object. */
export function annotationsOf({ metadata }: ApiObject): Readonly<Record<string, string>> {
  const { annotations = {} } = metadata.toJson() as { readonly annotations?: Record<string, string> };
  return annotations;
}
