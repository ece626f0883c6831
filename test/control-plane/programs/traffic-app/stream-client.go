package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/interop/grpc_testing"
)

const messageInterval = 100 * time.Millisecond

// A connection or stream that a test has the application open, hold, and close.
type streamOrder struct {
	// `grpc`, `websocket` or `tcp`.
	Kind string `json:"kind"`
	// Host and port.
	Target  string `json:"target"`
	Seconds int    `json:"seconds"`
}

type streamResult struct {
	// Messages that came back: one for each tenth of a second of the order, if none was lost.
	Messages int    `json:"messages"`
	Error    string `json:"error,omitempty"`
}

func stream(ctx context.Context, given streamOrder) streamResult {
	streams := map[string]func(context.Context, string, int) (int, error){
		"grpc": streamGRPC, "websocket": streamWebSocket, "tcp": streamTCP,
	}
	open, known := streams[given.Kind]
	if !known {
		return streamResult{Error: fmt.Sprintf("unknown kind %q", given.Kind)}
	}
	messages, err := open(ctx, given.Target, given.Seconds*int(time.Second/messageInterval))
	if err != nil {
		return streamResult{Messages: messages, Error: err.Error()}
	}
	return streamResult{Messages: messages}
}

func newGRPCClient(target string) (*grpc.ClientConn, error) {
	return grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func streamGRPC(ctx context.Context, target string, messages int) (int, error) {
	connection, err := newGRPCClient(target)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	return receive(ctx, connection, messages, messageInterval)
}

// receive asks for messages at an interval, and counts those that come.
func receive(ctx context.Context, connection *grpc.ClientConn, messages int, interval time.Duration) (int, error) {
	asked := &grpc_testing.StreamingOutputCallRequest{}
	for range messages {
		one := &grpc_testing.ResponseParameters{IntervalUs: int32(interval.Microseconds())}
		asked.ResponseParameters = append(asked.ResponseParameters, one)
	}
	answers, err := grpc_testing.NewTestServiceClient(connection).StreamingOutputCall(ctx, asked)
	if err != nil {
		return 0, err
	}
	for received := 0; ; received++ {
		if _, err := answers.Recv(); err == io.EOF {
			return received, nil
		} else if err != nil {
			return received, err
		}
	}
}

func streamWebSocket(ctx context.Context, target string, messages int) (int, error) {
	connection, response, err := websocket.DefaultDialer.DialContext(ctx, "ws://"+target+webSocketPath, nil)
	if err != nil {
		if response != nil {
			return 0, fmt.Errorf("%w: %s", err, response.Status)
		}
		return 0, err
	}
	defer connection.Close()
	due := messagesDue()
	for received := range messages {
		due(received)
		if err := connection.WriteMessage(websocket.TextMessage, []byte("message")); err != nil {
			return received, err
		}
		if _, _, err := connection.ReadMessage(); err != nil {
			return received, err
		}
	}
	end := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	return messages, connection.WriteMessage(websocket.CloseMessage, end)
}

func streamTCP(ctx context.Context, target string, messages int) (int, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", target)
	if err != nil {
		return 0, err
	}
	defer connection.Close()
	lines := bufio.NewReader(connection)
	due := messagesDue()
	for received := range messages {
		due(received)
		if _, err := connection.Write([]byte("message\n")); err != nil {
			return received, err
		}
		if _, err := lines.ReadString('\n'); err != nil {
			return received, err
		}
	}
	return messages, nil
}

// messagesDue returns a function that waits until the message with an index is due. A slow answer delays the next
// message, but not the end of the stream.
func messagesDue() func(index int) {
	start := time.Now()
	return func(index int) {
		time.Sleep(time.Until(start.Add(time.Duration(index+1) * messageInterval)))
	}
}
