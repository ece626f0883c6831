#!/bin/sh
# The first process of a real node, in mount, network and process namespaces of its own: when it ends, for whatever
# reason, the kernel ends every process in them and removes their mounts, interfaces and rules.
# Usage: node.sh DIRECTORY PROGRAMS NAME
set -eu
directory=$1 programs=$2 name=$3

# Mounts of pods have to be visible to pods that ask for it, but never outside the node.
mount --no-mtab --make-rshared /
mount --no-mtab -t tmpfs -o mode=755 tmpfs /run
# What the node writes outside its folder goes to overlays of the machine's files.
for folder in etc opt var/lib var/log; do
  mkdir -p "$directory/written/$folder" "$directory/work/$folder"
  mount -t overlay -o "lowerdir=/$folder,upperdir=$directory/written/$folder,workdir=$directory/work/$folder" overlay "/$folder"
done
# Overlays cannot be stored on an overlay, and containerd creates one for each container.
for folder in containerd kubelet; do
  mkdir -p "$directory/$folder" "/var/lib/$folder"
  mount --bind "$directory/$folder" "/var/lib/$folder"
done

# These settings belong to the whole machine: here, the kubelet finds the values that it wants and changes nothing.
setting() {
  file=$directory/settings/$(echo "$1" | tr / .)
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}
mkdir -p "$directory/settings"
setting vm/overcommit_memory 1
setting vm/panic_on_oom 0
setting kernel/panic 10
setting kernel/panic_on_oops 1
setting kernel/keys/root_maxkeys 1000000
setting kernel/keys/root_maxbytes 25000000

until [ -s "$directory/network" ]; do sleep 0.05; done
read -r address prefix host pods <"$directory/network"
ip link set lo up
ip address add "$address/$prefix" dev eth0
ip link set eth0 up
ip route add default via "$host"
echo 1 >/proc/sys/net/ipv4/ip_forward

mkdir -p /etc/cni/net.d /opt/cni/bin
for plugin in bridge host-local loopback portmap; do ln -s "$programs/$plugin" "/opt/cni/bin/$plugin"; done
cp "$directory/network.conflist" /etc/cni/net.d/10-pods.conflist

export PATH="$programs:$PATH"
mkdir -p "$directory/logs"
containerd --config "$directory/containerd.toml" >"$directory/logs/containerd.log" 2>&1 &
until ctr --address "$directory/containerd.sock" version >/dev/null 2>&1; do sleep 0.1; done
for archive in "$directory"/images/*.tar; do
  ctr --address "$directory/containerd.sock" --namespace k8s.io images import "$archive" >>"$directory/logs/images.log" 2>&1
done
kubelet --config "$directory/kubelet.json" --kubeconfig "$directory/kubeconfig" --hostname-override "$name" \
  --node-ip "$address" --node-labels "$(cat "$directory/labels")" --register-with-taints "$(cat "$directory/taints")" \
  >"$directory/logs/kubelet.log" 2>&1 &
kube-proxy --kubeconfig "$directory/kubeconfig" --hostname-override "$name" --proxy-mode iptables \
  --cluster-cidr "$pods" --conntrack-max-per-core 0 --conntrack-tcp-timeout-established 0 \
  --conntrack-tcp-timeout-close-wait 0 >"$directory/logs/kube-proxy.log" 2>&1 &
# Also reaps orphaned processes.
wait
