/** Addresses of a real node: a network of its own, which no other node on this machine has. */
export interface NodeNetwork {
  /** The machine's end of the link to the node: an interface. */
  readonly hostInterface: string;
  readonly hostAddress: string;
  readonly nodeAddress: string;
  /** Prefix length of the link's network. */
  readonly prefix: number;
  /** Network of the node's pods. */
  readonly podCidr: string;
}

/** Address of the cluster's DNS Service, in the API server's range of Services. */
export const dnsAddress = '10.0.0.10';

/** Image that holds a pod's namespaces. */
export const pauseImage = 'registry.local/pause:1';

/**
 * containerd's configuration.
 *
 * @param directory the node's folder
 */
export function containerdConfiguration(directory: string, runc: string): string {
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
[grpc]
  address = "${directory}/containerd.sock"
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
  [plugins."io.containerd.cri.v1.images".pinned_images]
    sandbox = "${pauseImage}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/opt/cni/bin"]
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "${runc}"
      SystemdCgroup = false
`;
}

/** The kubelet's configuration. */
export function kubeletConfiguration(directory: string, cgroup: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    enforceNodeAllocatable: [],
    containerRuntimeEndpoint: `unix://${directory}/containerd.sock`,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    failSwapOn: false,
    clusterDomain: 'cluster.local',
    clusterDNS: [dnsAddress],
    resolvConf: '',
    readOnlyPort: 0,
    // The machine is shared: how full its disk is says nothing about this node.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    // Tests wait for pods: settings that only spare the API server of a large cluster would cost them seconds.
    nodeStatusUpdateFrequency: '1s',
    syncFrequency: '10s',
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    serializeImagePulls: false,
  };
}

/** The network of the pods: a bridge that the node routes for. */
export function networkConfiguration(podCidr: string): object {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCidr }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
