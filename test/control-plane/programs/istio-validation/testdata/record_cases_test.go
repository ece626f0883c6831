// Copied next to the tests of Istio's package validation, this file writes the objects that they validate to
// cases.jsonl in the same folder, as lines of JSON.
package validation

import (
	"encoding/json"
	"os"

	"google.golang.org/protobuf/proto"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	"istio.io/istio/pkg/util/protomarshal"
)

type recordedCase struct {
	APIVersion string          `json:"apiVersion"`
	Kind       string          `json:"kind"`
	Metadata   map[string]any  `json:"metadata"`
	Spec       json.RawMessage `json:"spec"`
}

func init() {
	file, err := os.Create("cases.jsonl")
	if err != nil {
		panic(err)
	}
	output := json.NewEncoder(file)
	for validate, schema := range map[*ValidateFunc]resource.Schema{
		&ValidateGateway:               collections.Gateway,
		&ValidateDestinationRule:       collections.DestinationRule,
		&ValidateSidecar:               collections.Sidecar,
		&ValidateAuthorizationPolicy:   collections.AuthorizationPolicy,
		&ValidateRequestAuthentication: collections.RequestAuthentication,
		&ValidatePeerAuthentication:    collections.PeerAuthentication,
		&ValidateVirtualService:        collections.VirtualService,
		&ValidateWorkloadEntry:         collections.WorkloadEntry,
		&ValidateWorkloadGroup:         collections.WorkloadGroup,
		&ValidateServiceEntry:          collections.ServiceEntry,
		&ValidateProxyConfig:           collections.ProxyConfig,
		&ValidateTelemetry:             collections.Telemetry,
		&ValidateWasmPlugin:            collections.WasmPlugin,
		&ValidateTrafficExtension:      collections.TrafficExtension,
	} {
		*validate = recording(*validate, schema, output)
	}
}

func recording(validate ValidateFunc, schema resource.Schema, output *json.Encoder) ValidateFunc {
	return func(object config.Config) (Warning, error) {
		warning, err := validate(object)
		message, ok := object.Spec.(proto.Message)
		if !ok {
			return warning, err
		}
		spec, unreadable := protomarshal.Marshal(message)
		if unreadable != nil {
			return warning, err
		}
		metadata := map[string]any{"name": object.Name, "namespace": object.Namespace}
		if len(object.Annotations) > 0 {
			metadata["annotations"] = object.Annotations
		}
		gvk := schema.GroupVersionKind()
		if failure := output.Encode(recordedCase{
			APIVersion: gvk.Group + "/" + gvk.Version,
			Kind:       gvk.Kind,
			Metadata:   metadata,
			Spec:       spec,
		}); failure != nil {
			panic(failure)
		}
		return warning, err
	}
}
