import type { World } from './world';

/** One case in which kubectl and the engine must send the same requests. */
export interface Row {
  readonly name: string;
  /** Fields of the cluster in conf/config; by default, those of a trusted server with TLS. */
  readonly cluster?: (world: World) => object;
  /** Fields of the user in conf/config; by default, a token. */
  readonly user?: (world: World) => object;
  /** Files in addition to conf/config, or instead of it, by path; those with the name `plug` are executable. */
  readonly files?: (world: World) => Readonly<Record<string, string>>;
  /** Environment variables of both programs, in addition to HOME, PATH and KUBECONFIG=conf/config. */
  readonly env?: (world: World, folder: string) => Readonly<Record<string, string>>;
  /** Is passed to both, as kubectl's flag and the engine's option. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** The answers that the servers give, in turn, before they answer successfully. */
  readonly answers?: readonly { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[];
  /**
   * Whether the programs run as in a pod: with api.example as the name of this machine, and the files of a service
   * account.
   */
  readonly inPod?: boolean;
  /** For a row in which neither sends anything: what the engine reports, and what kubectl reports. */
  readonly refused?: { readonly engine: RegExp; readonly kubectl: RegExp };
  /**
   * For a row in which the engine differs from kubectl: why, and what it reports, or which authorization it sends
   * instead.
   */
  readonly differs?: { readonly because: string } & (
    { readonly engine: RegExp } | { readonly sends: readonly string[] }
  );
}

/** The whole of a kubeconfig with one context, in JSON. */
export function configOf(cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });
}
