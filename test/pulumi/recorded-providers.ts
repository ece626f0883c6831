/** Stands in for the SDK of Pulumi, and records the provider that a dynamic resource passes to it. */
export const recordingSdk = {
  dynamic: {
    Resource: class {
      constructor(readonly provider: unknown) {}
    },
  },
  getProject: () => 'shop',
  getStack: () => 'dev',
  secret: (value: unknown) => value,
  output: (value: unknown) => value,
};

/** The recorded provider of a resource. */
export function providerOf<T>(resource: unknown): T {
  return (resource as { readonly provider: T }).provider;
}
