/** The version of this package. */
export function packageVersion(): string {
  // A bundler includes the file. An import would require it to be below lib/.
  return (require('istio-module/package.json') as { readonly version: string }).version;
}
