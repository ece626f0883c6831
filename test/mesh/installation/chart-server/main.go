// Command chart-server serves Helm charts on loopback until its standard input ends: the packages and the index in a
// directory as a Helm repository, and the charts that are pushed to it as an OCI registry. It prints its address first.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: chart-server DIRECTORY")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	routes := http.NewServeMux()
	routes.Handle("/v2/", registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	routes.Handle("/", http.FileServer(http.Dir(os.Args[1])))
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, routes))
}
