/** The version of this package. */
export function packageVersion(): string {
  // A bundler follows it, and an import would need the file below lib/.
  return (require('istio-module/package.json') as { readonly version: string }).version;
}
