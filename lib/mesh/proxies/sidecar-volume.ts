import { labelNameProblem } from '../object-name';

/** A volume that a sidecar mounts, for example with certificates that it presents to hosts outside the mesh. */
export interface SidecarVolume {
  /** Name of the pod's volume, a DNS label. */
  readonly name: string;

  /**
   * Source of the volume, in the format of Kubernetes, such as `{ secret: { secretName: 'client-certs' } }`.
   *
   * @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume/
   */
  readonly source: Readonly<Record<string, unknown>>;

  /** Absolute path at which the sidecar mounts the volume. */
  readonly mountPath: string;

  /**
   * Whether the volume is mounted read-only.
   *
   * @default true
   */
  readonly readOnly?: boolean;
}

/** The volumes as annotations of a pod. The injector expects JSON objects keyed by the name of the volume. */
export function renderVolumes(volumes: readonly SidecarVolume[]): Record<string, string> {
  if (volumes.length === 0) return {};
  const mount = ({ mountPath, readOnly = true }: SidecarVolume) => ({ mountPath, readOnly });
  const byName = (value: (volume: SidecarVolume) => object) =>
    JSON.stringify(Object.fromEntries(volumes.map((volume) => [volume.name, value(volume)])));
  return {
    'sidecar.istio.io/userVolume': byName(({ source }) => source),
    'sidecar.istio.io/userVolumeMount': byName(mount),
  };
}

/** The problems with the volumes, one sentence each. */
export function volumeProblems(volumes: readonly SidecarVolume[]): string[] {
  return volumes.flatMap(({ name, source, mountPath }, index) => {
    const found = labelNameProblem(`volumes[${String(index)}] name`, name);
    const sources = Object.keys(source);
    if (volumes.findIndex((other) => other.name === name) < index) {
      found.push(`volume '${name}' is defined twice: give each a different name`);
    }
    if (sources.length !== 1) {
      found.push(
        `volume '${name}' has ${sources.length === 0 ? 'no source' : `the sources ${sources.join(' and ')}`}: write one, such as { secret: { secretName: 'client-certs' } }`,
      );
    }
    if (!/^\/[^\s:]+$/.test(mountPath)) {
      found.push(
        `volume '${name}' has mountPath '${mountPath}', which is not a path: write one such as '/etc/client-certs'`,
      );
    }
    return found;
  });
}
