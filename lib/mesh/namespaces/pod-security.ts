/**
 * A Pod Security Standard.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export enum PodSecurityLevel {
  /** Everything is allowed. */
  PRIVILEGED = 'privileged',

  /** What is known to escalate privileges is not allowed. */
  BASELINE = 'baseline',

  /** Pods have to be hardened. */
  RESTRICTED = 'restricted',
}

/** The minor version of Kubernetes whose standards are meant, such as `v1.34`; or the cluster's own. */
export type PodSecurityVersion = `v1.${number}` | 'latest';

/**
 * Which pods a namespace admits, checks and warns about.
 *
 * Sidecars count. With Istio's CNI node agent (`IstioModule.cni`, on by default), injected containers pass BASELINE; they
 * pass RESTRICTED where the pod's own `securityContext` sets `seccompProfile`, which they take over, or the raw value
 * `global.proxy.seccompProfile` of the chart istiod sets theirs. Without it, each pod gets an init container with the
 * capabilities NET_ADMIN and NET_RAW, which both levels deny: synthesis fails on `enforce` then.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export interface PodSecurity {
  /**
   * Pods below this level are refused.
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
   * Pods below this level are noted in the audit log.
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
   * Who creates pods below this level is warned.
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

/** What the labels of Pod Security begin with. */
export const POD_SECURITY_PREFIX = 'pod-security.kubernetes.io/';

const MODES = ['enforce', 'audit', 'warn'] as const;

/** The labels of the Namespace that say so. */
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

/** What is wrong with them, one sentence each. */
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
        ? [`podSecurity.${mode}Version '${version}' is for no level: set podSecurity.${mode} as well`]
        : []),
    ];
  });
  return Object.keys(podSecurityLabels(podSecurity)).length > 0
    ? found
    : ['podSecurity {} is empty: set enforce, audit or warn, or leave it out'];
}

/** The level that refuses the init container which pods get without Istio's CNI node agent, if it does. */
export function refusedWithoutCni({ enforce }: PodSecurity): PodSecurityLevel | undefined {
  return enforce === PodSecurityLevel.PRIVILEGED ? undefined : enforce;
}
