module istio-module/istio-1.27

go 1.26.8

require istio.io/istio v0.0.0-20260403063052-b9159ca3e5d5
