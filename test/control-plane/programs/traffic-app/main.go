// traffic-app is the application of the traffic tests. It serves HTTP on the application's ports, and a control port on
// which a test has it send requests and reads what it received. It ends as most servers do: at SIGTERM, it stops
// accepting connections and finishes the requests that it has begun.
package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const stopWithin = 20 * time.Second

func main() {
	if len(os.Args) > 1 && os.Args[1] == "pause" {
		pause()
		return
	}
	stopping, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	received, others, sockets := &received{}, newCalls(os.Getenv("CALLS")), &webSockets{}
	var listening atomic.Bool
	var running sync.WaitGroup
	start := func(server *http.Server) {
		listener, err := net.Listen("tcp", server.Addr)
		if err != nil {
			log.Fatal(err)
		}
		running.Go(func() { serve(stopping, server, listener) })
	}
	start(&http.Server{Addr: ":9000", Handler: control(received, &listening)})
	// Some applications take a while before they serve.
	if delay, err := time.ParseDuration(setting("STARTS_AFTER", "0s")); err == nil {
		time.Sleep(delay)
	}
	for _, port := range strings.Split(setting("PORTS", "8080"), ",") {
		start(applicationServer(port, received, others, sockets))
	}
	running.Go(func() { serveGRPC(stopping) })
	running.Go(func() { serveTCP(stopping) })
	listening.Store(true)
	log.Print("listening")
	running.Wait()
	waitAtMost(&sockets.open, stopWithin)
}

func serve(stopping context.Context, server *http.Server, listener net.Listener) {
	go func() {
		<-stopping.Done()
		within, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		if err := server.Shutdown(within); err != nil {
			log.Print(err)
		}
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	// Serve returns as soon as the server stops accepting connections; Shutdown is what waits for open requests.
	<-stopping.Done()
	for server.Shutdown(context.Background()) != nil {
	}
}

// pause holds a pod's namespaces, and reaps the orphaned processes of its containers.
func pause() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	for {
		select {
		case <-end:
			return
		case <-children:
			for {
				if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
					break
				}
			}
		}
	}
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
