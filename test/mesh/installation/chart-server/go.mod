module istio-module/chart-server

go 1.26

require github.com/google/go-containerregistry v0.21.6
