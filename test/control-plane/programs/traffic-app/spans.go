package main

import (
	"encoding/binary"
	"io"
	"net/http"
)

const exportPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// export receives spans over gRPC: one message in, an empty one out. Its path is that of OTLP's service for traces.
func export(w http.ResponseWriter, r *http.Request, received *received) {
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) < 5 {
		http.Error(w, "no gRPC message", http.StatusBadRequest)
		return
	}
	// A gRPC message begins with a flag and its length; Envoy does not compress here.
	for _, resourceSpans := range fields(body[5:], 1) {
		service := serviceName(resourceSpans)
		for _, scopeSpans := range fields(resourceSpans, 2) {
			received.count(&received.spans, service, len(fields(scopeSpans, 2)))
		}
	}
	w.Header().Set("content-type", "application/grpc")
	w.Header().Set("trailer", "grpc-status")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte{0, 0, 0, 0, 0})
	w.Header().Set("grpc-status", "0")
}

// serviceName is the attribute service.name of a ResourceSpans message.
func serviceName(resourceSpans []byte) string {
	for _, resource := range fields(resourceSpans, 1) {
		for _, attribute := range fields(resource, 1) {
			keys, values := fields(attribute, 1), fields(attribute, 2)
			if len(keys) == 1 && string(keys[0]) == "service.name" && len(values) == 1 {
				for _, text := range fields(values[0], 1) {
					return string(text)
				}
			}
		}
	}
	return ""
}

// fields are the values of one length-delimited field of a protobuf message; nothing where the message is malformed.
func fields(message []byte, wanted uint64) [][]byte {
	var found [][]byte
	for len(message) > 0 {
		tag, size := binary.Uvarint(message)
		if size <= 0 {
			return nil
		}
		message = message[size:]
		skip := 0
		switch tag & 7 {
		case 0:
			_, skip = binary.Uvarint(message)
		case 1:
			skip = 8
		case 2:
			length, size := binary.Uvarint(message)
			if size <= 0 || length > uint64(len(message)-size) {
				return nil
			}
			if tag>>3 == wanted {
				found = append(found, message[size:size+int(length)])
			}
			skip = size + int(length)
		case 5:
			skip = 4
		}
		if skip <= 0 || skip > len(message) {
			return nil
		}
		message = message[skip:]
	}
	return found
}
