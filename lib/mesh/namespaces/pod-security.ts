/**
 * A Pod Security Standard.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurityLevel {
  /** Everything is allowed. */
  PRIVILEGED = 'privileged',

  /** Known privilege escalations are not allowed. */
  BASELINE = 'baseline',

  /** Pods must be hardened. */
  RESTRICTED = 'restricted',
}

/** The minor version of Kubernetes whose standards apply, such as `v1.34`; `latest` is the version of the cluster. */
export type PodSecurityVersion = `v1.${number}` | 'latest';

/**
 * The Pod Security Standards that a namespace enforces, audits and warns about.
 *
 * The standards also apply to sidecars. With Istio's CNI node agent (`IstioModule.cni`, enabled by default), injected
 * containers pass BASELINE. They pass RESTRICTED if the pod's own `securityContext` sets `seccompProfile`, which they
 * inherit, or if the raw value `global.proxy.seccompProfile` of the istiod chart sets it. Without the CNI node agent,
 * each pod gets an init container with the capabilities NET_ADMIN and NET_RAW, which both levels deny. In this case,
 * synthesis fails if `enforce` is one of them.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export interface PodSecurity {
  /**
   * Pods that violate this level are rejected.
   *
   * @default - the cluster's default
   */
  readonly enforce?: PodSecurityLevel;

  /**
   * The version of the standards for `enforce`.
   *
   * @default - the cluster's default
   */
  readonly enforceVersion?: PodSecurityVersion;

  /**
   * Pods that violate this level are recorded in the audit log.
   *
   * @default - the cluster's default
   */
  readonly audit?: PodSecurityLevel;

  /**
   * The version of the standards for `audit`.
   *
   * @default - the cluster's default
   */
  readonly auditVersion?: PodSecurityVersion;

  /**
   * Users who create pods that violate this level get a warning.
   *
   * @default - the cluster's default
   */
  readonly warn?: PodSecurityLevel;

  /**
   * The version of the standards for `warn`.
   *
   * @default - the cluster's default
   */
  readonly warnVersion?: PodSecurityVersion;
}

/** Prefix of the Pod Security labels. */
export const POD_SECURITY_PREFIX = 'pod-security.kubernetes.io/';

const MODES = ['enforce', 'audit', 'warn'] as const;

/** The standards as labels of the Namespace. */
export function podSecurityLabels(podSecurity: PodSecurity): Record<string, string> {
  return Object.fromEntries<string>(
    MODES.flatMap((mode) => {
      const level = podSecurity[mode];
      const version = podSecurity[`${mode}Version`];
      return [
        ...(level === undefined ? [] : [[`${POD_SECURITY_PREFIX}${mode}`, level] as const]),
        ...(version === undefined ? [] : [[`${POD_SECURITY_PREFIX}${mode}-version`, version] as const]),
      ];
    }),
  );
}

/** The problems with the standards, one sentence each. */
export function podSecurityProblems(podSecurity: PodSecurity): string[] {
  const levels = Object.values<string>(PodSecurityLevel);
  const found = MODES.flatMap((mode) => {
    const level = podSecurity[mode];
    const version = podSecurity[`${mode}Version`];
    return [
      ...(level === undefined || levels.includes(level)
        ? []
        : [
            `podSecurity.${mode} '${String(level)}' is not a level: write a PodSecurityLevel, one of ${levels.join(', ')}`,
          ]),
      ...(version === undefined || /^(latest|v1\.(0|[1-9]\d*))$/.test(version)
        ? []
        : [`podSecurity.${mode}Version '${version}' is not a version: write 'latest', or one such as 'v1.34'`]),
      ...(level === undefined && version !== undefined
        ? [`podSecurity.${mode}Version '${version}' has no level: set podSecurity.${mode} as well`]
        : []),
    ];
  });
  return Object.keys(podSecurityLabels(podSecurity)).length > 0
    ? found
    : ['podSecurity {} is empty: set enforce, audit or warn, or leave it out'];
}

/** The enforced level, if it rejects the init container that pods get without Istio's CNI node agent. */
export function refusedWithoutCni({ enforce }: PodSecurity): PodSecurityLevel | undefined {
  return enforce === PodSecurityLevel.PRIVILEGED ? undefined : enforce;
}
