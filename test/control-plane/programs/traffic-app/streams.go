package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/interop/grpc_testing"
)

const (
	grpcAddress   = ":8082"
	tcpAddress    = ":8083"
	webSocketPath = "/websocket"
)

// testService answers gRPC: unary calls at once, and streams with one message at each interval that is asked for.
type testService struct {
	grpc_testing.UnimplementedTestServiceServer
}

func (testService) UnaryCall(context.Context, *grpc_testing.SimpleRequest) (*grpc_testing.SimpleResponse, error) {
	return &grpc_testing.SimpleResponse{}, nil
}

func (testService) StreamingOutputCall(
	asked *grpc_testing.StreamingOutputCallRequest, stream grpc_testing.TestService_StreamingOutputCallServer,
) error {
	for _, one := range asked.GetResponseParameters() {
		select {
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-time.After(time.Duration(one.GetIntervalUs()) * time.Microsecond):
		}
		if err := stream.Send(&grpc_testing.StreamingOutputCallResponse{}); err != nil {
			return err
		}
	}
	return nil
}

// serveGRPC ends as gRPC servers do: it accepts no further calls, and lets those that have begun end.
func serveGRPC(stopping context.Context) {
	listener, err := net.Listen("tcp", grpcAddress)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	grpc_testing.RegisterTestServiceServer(server, testService{})
	go func() {
		<-stopping.Done()
		late := time.AfterFunc(stopWithin, server.Stop)
		defer late.Stop()
		server.GracefulStop()
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

// serveTCP echoes lines, until its clients close.
func serveTCP(stopping context.Context) {
	listener, err := net.Listen("tcp", tcpAddress)
	if err != nil {
		log.Fatal(err)
	}
	var open sync.WaitGroup
	context.AfterFunc(stopping, func() { listener.Close() })
	for {
		connection, err := listener.Accept()
		if err != nil {
			break
		}
		open.Go(func() {
			defer connection.Close()
			_, _ = io.Copy(connection, bufio.NewReader(connection))
		})
	}
	waitAtMost(&open, stopWithin)
}

// webSockets echo messages, until their clients close. The server that accepted them no longer manages them.
type webSockets struct {
	open sync.WaitGroup
}

func (w *webSockets) ServeHTTP(writer http.ResponseWriter, r *http.Request) {
	w.open.Add(1)
	defer w.open.Done()
	upgrader := websocket.Upgrader{}
	connection, err := upgrader.Upgrade(writer, r, nil)
	if err != nil {
		return
	}
	defer connection.Close()
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			// The library answers the closing handshake.
			return
		}
		if err := connection.WriteMessage(kind, message); err != nil && !errors.Is(err, websocket.ErrCloseSent) {
			return
		}
	}
}

func waitAtMost(group *sync.WaitGroup, limit time.Duration) {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}
