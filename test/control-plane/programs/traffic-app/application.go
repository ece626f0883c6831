package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// One request, as the application saw it.
type request struct {
	Version  string            `json:"version"`
	Pod      string            `json:"pod"`
	Port     string            `json:"port"`
	Protocol string            `json:"protocol"`
	Method   string            `json:"method"`
	Host     string            `json:"host"`
	Path     string            `json:"path"`
	Headers  map[string]string `json:"headers"`
}

// What has arrived at the application's ports, by path, and how many spans by service.
type received struct {
	mutex sync.Mutex
	paths map[string]int
	spans map[string]int
}

func (r *received) count(counts *map[string]int, key string, more int) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if *counts == nil {
		*counts = map[string]int{}
	}
	(*counts)[key] += more
	return (*counts)[key]
}

// The server of one port: HTTP/1.1, and HTTP/2 without TLS, which gRPC needs.
func applicationServer(port string, received *received, others *calls, sockets *webSockets) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { answer(w, r, port, received, others) })
	mux.Handle(webSocketPath, sockets)
	mux.HandleFunc("/authorize/", authorize)
	mux.HandleFunc(exportPath, func(w http.ResponseWriter, r *http.Request) { export(w, r, received) })
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{Addr: ":" + port, Handler: mux, Protocols: protocols}
}

// answer echoes the request. The query may ask for a `status`, for a `delay`, and for the first `failures` requests
// with the same path to end with 503. If a request to another application fails, the answer is 502 and names that
// request.
func answer(w http.ResponseWriter, r *http.Request, port string, received *received, others *calls) {
	nth := received.count(&received.paths, r.URL.Path, 1)
	query := r.URL.Query()
	if delay, err := time.ParseDuration(query.Get("delay")); err == nil {
		time.Sleep(delay)
	}
	status := http.StatusOK
	if wanted, err := strconv.Atoi(query.Get("status")); err == nil {
		status = wanted
	}
	if failures, err := strconv.Atoi(query.Get("failures")); err == nil && nth <= failures {
		status = http.StatusServiceUnavailable
	}
	// Some pods of a version may be broken.
	if broken := os.Getenv("STATUS"); broken != "" {
		status, _ = strconv.Atoi(broken)
	}
	if failure := others.failure(r.Context()); failure != "" {
		http.Error(w, failure, http.StatusBadGateway)
		return
	}
	headers := map[string]string{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	host, _ := os.Hostname()
	w.Header().Set("content-type", "application/json")
	w.Header().Set("x-app", "traffic-app")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(request{
		Version: os.Getenv("VERSION"), Pod: host, Port: port, Protocol: r.Proto, Method: r.Method, Host: r.Host,
		Path: r.URL.RequestURI(), Headers: headers,
	})
}

// authorize is an external authorizer over HTTP: it allows requests with the header `x-pass: yes`.
func authorize(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("x-pass") != "yes" {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintln(w, "denied by the external authorizer")
		return
	}
	w.Header().Set("x-authorized-by", "traffic-app")
	w.WriteHeader(http.StatusOK)
}
