// Command pulumi-resource-kubernetes is Pulumi's Kubernetes provider. The schema and the mapping that its releases
// embed serve code generation and conversion, so this one has empty ones.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is the provider's own, set by the linker.
var version string

func main() {
	provider.Serve("kubernetes", version, []byte("{}"), []byte("{}"))
}
