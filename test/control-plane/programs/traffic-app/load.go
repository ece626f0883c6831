package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

const (
	requestTimeout = 10 * time.Second
	// The messages of one stream of a load, which is short and ends after them.
	loadStreamMessages = 10
)

// Requests at a constant rate, whatever the answers, until the load is stopped.
type loadOrder struct {
	// A URL, or host and port of a gRPC service.
	URL string `json:"url"`
	// `http` by default; `grpc` for unary calls, `grpc-stream` for streams of a second.
	Kind      string            `json:"kind"`
	Method    string            `json:"method"`
	Headers   map[string]string `json:"headers"`
	PerSecond int               `json:"perSecond"`
	// Whether connections are reused; those of gRPC always are.
	KeepAlive bool `json:"keepAlive"`
}

type loadReport struct {
	Total  int `json:"total"`
	Failed int `json:"failed"`
	// How often each kind of failure occurred.
	Failures map[string]int `json:"failures"`
	// By the second since 1970 in which the requests were due.
	Seconds map[int64]*loadSecond `json:"seconds"`
}

type loadSecond struct {
	Failures map[string]int `json:"failures,omitempty"`
	// The number of answers, by the milliseconds from when the request was due to the answer.
	Millis map[string]int `json:"millis"`
}

// The loads of this application, by name.
type loads struct {
	mutex  sync.Mutex
	byName map[string]*load
}

func (l *loads) named(name string) *load {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.byName == nil {
		l.byName = map[string]*load{}
	}
	if l.byName[name] == nil {
		l.byName[name] = &load{}
	}
	return l.byName[name]
}

type load struct {
	mutex   sync.Mutex
	current loadReport
	running sync.WaitGroup
	cancel  context.CancelFunc
}

func (l *load) start(given loadOrder) error {
	l.stop()
	send, err := sender(given)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.mutex.Lock()
	l.current = loadReport{Failures: map[string]int{}, Seconds: map[int64]*loadSecond{}}
	l.cancel = cancel
	l.mutex.Unlock()
	l.running.Go(func() {
		began := time.Now()
		interval := time.Second / time.Duration(max(given.PerSecond, 1))
		for turn := time.Duration(0); ; turn++ {
			due := began.Add(turn * interval)
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Until(due)):
				l.running.Go(func() { l.count(due, send()) })
			}
		}
	})
	return nil
}

// sender returns a function that sends one request and returns how it failed, or an empty text.
func sender(given loadOrder) (func() string, error) {
	switch given.Kind {
	case "", "http":
		client := newClient(given.KeepAlive)
		return func() string { return sendHTTP(client, given) }, nil
	case "grpc", "grpc-stream":
		connection, err := newGRPCClient(given.URL)
		if err != nil {
			return nil, err
		}
		return func() string { return sendGRPC(connection, given.Kind == "grpc-stream") }, nil
	}
	return nil, fmt.Errorf("unknown kind %q", given.Kind)
}

func sendHTTP(client *http.Client, given loadOrder) string {
	one := sendOne(context.Background(), client, order{URL: given.URL, Method: given.Method, Headers: given.Headers})
	if one.Error != "" {
		parts := strings.Split(one.Error, ": ")
		return parts[len(parts)-1]
	}
	if one.Status >= 400 {
		return fmt.Sprintf("%d %s", one.Status, strings.TrimSpace(one.Body))
	}
	return ""
}

func sendGRPC(connection *grpc.ClientConn, streams bool) string {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	if !streams {
		_, err := grpc_testing.NewTestServiceClient(connection).UnaryCall(ctx, &grpc_testing.SimpleRequest{})
		return grpcFailure(err)
	}
	received, err := receive(ctx, connection, loadStreamMessages, messageInterval)
	if err == nil && received < loadStreamMessages {
		return fmt.Sprintf("a stream ended after %d of %d messages", received, loadStreamMessages)
	}
	return grpcFailure(err)
}

func grpcFailure(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf("gRPC %s: %s", status.Code(err), status.Convert(err).Message())
}

func (l *load) count(due time.Time, failure string) {
	millis := strconv.FormatInt(time.Since(due).Milliseconds(), 10)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	second := l.current.Seconds[due.Unix()]
	if second == nil {
		second = &loadSecond{Failures: map[string]int{}, Millis: map[string]int{}}
		l.current.Seconds[due.Unix()] = second
	}
	l.current.Total++
	second.Millis[millis]++
	if failure != "" {
		l.current.Failed++
		l.current.Failures[failure]++
		second.Failures[failure]++
	}
}

// stop waits for the requests in flight, and counts them.
func (l *load) stop() loadReport {
	l.mutex.Lock()
	cancel := l.cancel
	l.mutex.Unlock()
	if cancel != nil {
		cancel()
		l.running.Wait()
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.current
}
