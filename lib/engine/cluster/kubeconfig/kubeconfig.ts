/** The entries of one kubeconfig, or of several merged ones, by name. */
export interface Kubeconfig {
  /** Empty if none is set. */
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, Context>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
}

/** The names of a cluster and a user. */
export interface Context {
  readonly cluster: string;
  readonly user: string;
}

/**
 * The address of an API server, and how to verify it. Missing strings are empty.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#Cluster
 */
export interface Cluster {
  readonly server: string;
  readonly tlsServerName: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly certificateAuthority: Pem;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** The extension for the user's credential plugin. */
  readonly pluginConfig: unknown;
}

/**
 * The credentials of a user. Missing strings are empty.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
 */
export interface User {
  readonly clientCertificate: Pem;
  readonly clientKey: Pem;
  readonly token: string;
  /** An absolute path, unless the contents of the kubeconfig were passed. */
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly impersonated: Impersonated;
  readonly authProvider: string | undefined;
  readonly plugin: PluginSettings | undefined;
}

/** Certificates or a key: the field with a path, and the field with the data. */
export interface Pem {
  readonly file: string;
  readonly data: Buffer;
}

/** The user to impersonate. */
export interface Impersonated {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/**
 * A program that provides credentials.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#ExecConfig
 */
export interface PluginSettings {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly interactiveMode: string;
  readonly provideClusterInfo: boolean;
  readonly installHint: string;
}
