package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The requests that a test has the application send.
type order struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers"`
	// How many requests, one after the other; 1 by default.
	Count int `json:"count"`
	// How many of them are in flight at once; 1 by default.
	Concurrency int `json:"concurrency"`
}

// What came back for one request: an answer, or an error.
type result struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body"`
	Error   string            `json:"error,omitempty"`
	Millis  int64             `json:"millis"`
}

// control is the port that tests call, which no proxy intercepts.
func control(received *received, listening *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	loads := &loads{}
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		if !listening.Load() {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /received", func(w http.ResponseWriter, _ *http.Request) {
		received.mutex.Lock()
		defer received.mutex.Unlock()
		writeJSON(w, map[string]any{"paths": received.paths, "spans": received.spans})
	})
	mux.HandleFunc("POST /send", func(w http.ResponseWriter, r *http.Request) {
		var given order
		if !readJSON(w, r, &given) {
			return
		}
		writeJSON(w, send(r.Context(), given))
	})
	mux.HandleFunc("POST /stream", func(w http.ResponseWriter, r *http.Request) {
		var given streamOrder
		if !readJSON(w, r, &given) {
			return
		}
		writeJSON(w, stream(r.Context(), given))
	})
	// Each load has a name, which may be empty.
	mux.HandleFunc("POST /load", func(w http.ResponseWriter, r *http.Request) {
		var given loadOrder
		if !readJSON(w, r, &given) {
			return
		}
		if err := loads.named(r.URL.Query().Get("name")).start(given); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("DELETE /load", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, loads.named(r.URL.Query().Get("name")).stop())
	})
	return mux
}

func send(ctx context.Context, given order) []result {
	results := make([]result, max(given.Count, 1))
	turns := make(chan int)
	client := newClient(true)
	defer client.CloseIdleConnections()
	var senders sync.WaitGroup
	for range max(given.Concurrency, 1) {
		senders.Go(func() {
			for turn := range turns {
				results[turn] = sendOne(ctx, client, given)
			}
		})
	}
	for turn := range results {
		turns <- turn
	}
	close(turns)
	senders.Wait()
	return results
}

func newClient(keepAlive bool) *http.Client {
	return &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			DisableKeepAlives:   !keepAlive,
			MaxIdleConnsPerHost: 100,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func sendOne(ctx context.Context, client *http.Client, given order) result {
	began := time.Now()
	failed := func(err error) result {
		return result{Error: err.Error(), Millis: time.Since(began).Milliseconds()}
	}
	method := given.Method
	if method == "" {
		method = http.MethodGet
	}
	outgoing, err := http.NewRequestWithContext(ctx, method, given.URL, nil)
	if err != nil {
		return failed(err)
	}
	for name, value := range given.Headers {
		if strings.EqualFold(name, "host") {
			outgoing.Host = value
		}
		outgoing.Header.Set(name, value)
	}
	response, err := client.Do(outgoing)
	if err != nil {
		return failed(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return failed(err)
	}
	headers := map[string]string{}
	for name, values := range response.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return result{
		Status: response.StatusCode, Headers: headers, Body: string(body), Millis: time.Since(began).Milliseconds(),
	}
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(r.Body).Decode(into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("content-type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
