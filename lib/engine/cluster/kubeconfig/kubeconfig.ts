/** What a kubeconfig says, or several merged: its entries by name. */
export interface Kubeconfig {
  /** Empty when none is set. */
  readonly currentContext: string;
  readonly contexts: ReadonlyMap<string, Context>;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
}

/** Names a cluster and who talks to it. */
export interface Context {
  readonly cluster: string;
  readonly user: string;
}

/**
 * Where an API server is, and how it proves to be the right one. Text that is not set is empty.
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
  /** The extension that is meant for the user's credential plugin. */
  readonly pluginConfig: unknown;
}

/**
 * Who talks to an API server. Text that is not set is empty.
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#AuthInfo
 */
export interface User {
  readonly clientCertificate: Pem;
  readonly clientKey: Pem;
  readonly token: string;
  /** An absolute path, unless the kubeconfig was passed in by its contents. */
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly impersonated: Impersonated;
  readonly authProvider: string | undefined;
  readonly plugin: PluginSettings | undefined;
}

/** Certificates or a key, as the field that names a file and the one that holds the data. */
export interface Pem {
  readonly file: string;
  readonly data: Buffer;
}

/** Whom the requests are made as. */
export interface Impersonated {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/**
 * A program that hands out credentials.
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
