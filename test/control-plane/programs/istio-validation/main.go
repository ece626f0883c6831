// istio-validation validates objects as the API server and istiod's webhook do: it runs Istio's own validation and that
// of its CustomResourceDefinitions, which are in the files that its arguments name. It reads objects as lines of JSON,
// and prints a line for each: {"error": …, "warning": …, "spec": …}. The texts are empty if nothing is wrong. The spec
// is the object's spec as protobuf serializes it, so that specs with the same meaning are equal. A line {"regexp": …}
// or {"cel": …} is an expression that Go's libraries parse.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/google/cel-go/cel"
	"google.golang.org/protobuf/proto"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/crd"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/schema/resource"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/util/protomarshal"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

type line struct {
	Regexp     *string `json:"regexp"`
	Cel        *string `json:"cel"`
	APIVersion string  `json:"apiVersion"`
	Kind       string  `json:"kind"`
	Metadata   struct {
		Name        string            `json:"name"`
		Namespace   string            `json:"namespace"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec json.RawMessage `json:"spec"`
}

type verdict struct {
	Error   string          `json:"error"`
	Warning string          `json:"warning"`
	Spec    json.RawMessage `json:"spec,omitempty"`
}

func main() {
	// Istio would log to standard output, which is for answers.
	quiet := log.DefaultOptions()
	quiet.SetDefaultOutputLevel(log.OverrideScopeName, log.NoneLevel)
	if err := log.Configure(quiet); err != nil {
		panic(err)
	}
	definitions, err := crd.NewValidatorFromFilesWithOptions(os.Args[1:], crd.WithoutCRDValidation())
	if err != nil {
		panic(err)
	}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 64<<20)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		if err := output.Encode(judge(input.Bytes(), definitions)); err != nil {
			panic(err)
		}
	}
	if err := input.Err(); err != nil {
		panic(err)
	}
}

func judge(text []byte, definitions *crd.Validator) verdict {
	var given line
	if err := json.Unmarshal(text, &given); err != nil {
		return verdict{Error: err.Error()}
	}
	switch {
	case given.Regexp != nil:
		_, err := regexp.Compile(*given.Regexp)
		return verdict{Error: show(err)}
	case given.Cel != nil:
		return verdict{Error: show(parseCel(*given.Cel))}
	}
	schema, err := schemaOf(given)
	if err != nil {
		return verdict{Error: err.Error()}
	}
	spec, err := schema.NewInstance()
	if err != nil {
		return verdict{Error: err.Error()}
	}
	message, ok := spec.(proto.Message)
	if !ok {
		return verdict{Error: fmt.Sprintf("%T is no message of protobuf", spec)}
	}
	if len(given.Spec) > 0 {
		if err := protomarshal.ApplyJSONStrict(string(given.Spec), message); err != nil {
			return verdict{Error: err.Error()}
		}
	}
	canonical, err := protomarshal.Marshal(message)
	if err != nil {
		return verdict{Error: err.Error()}
	}
	if err := admit(text, definitions); err != nil {
		return verdict{Error: err.Error(), Spec: canonical}
	}
	warning, err := schema.ValidateConfig(config.Config{
		Meta: config.Meta{
			GroupVersionKind: schema.GroupVersionKind(),
			Name:             given.Metadata.Name,
			Namespace:        given.Metadata.Namespace,
			Labels:           given.Metadata.Labels,
			Annotations:      given.Metadata.Annotations,
		},
		Spec: spec,
	})
	return verdict{Error: show(err), Warning: show(warning), Spec: canonical}
}

// admit returns why the API server refuses the object, or nil if it accepts the object.
func admit(text []byte, definitions *crd.Validator) error {
	var object unstructured.Unstructured
	if err := object.UnmarshalJSON(text); err != nil {
		return err
	}
	metadata := metav1.ObjectMeta{
		Name:        object.GetName(),
		Namespace:   object.GetNamespace(),
		Labels:      object.GetLabels(),
		Annotations: object.GetAnnotations(),
	}
	problems := validation.ValidateObjectMeta(&metadata, true, validation.NameIsDNSSubdomain, field.NewPath("metadata"))
	if len(problems) > 0 {
		return problems.ToAggregate()
	}
	return definitions.ValidateCustomResource(&object)
}

// schemaOf finds the schema by group and kind, whatever the version.
func schemaOf(given line) (resource.Schema, error) {
	group, _, _ := strings.Cut(given.APIVersion, "/")
	for _, schema := range collections.All.All() {
		if schema.Group() == group && schema.Kind() == given.Kind {
			return schema, nil
		}
	}
	return nil, fmt.Errorf("Istio knows no %s of %s", given.Kind, given.APIVersion)
}

func parseCel(expression string) error {
	environment, err := cel.NewEnv()
	if err != nil {
		return err
	}
	_, issues := environment.Parse(expression)
	return issues.Err()
}

func show(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
