import type { World } from './world';

/** One case in which kubectl and the engine have to send the same. */
export interface Row {
  readonly name: string;
  /** Fields of the cluster in conf/config; a server with TLS that is trusted, if nothing else is said. */
  readonly cluster?: (world: World) => object;
  /** Fields of the user in conf/config; a token, if nothing else is said. */
  readonly user?: (world: World) => object;
  /** Files besides, or instead of conf/config, by their path; those named `plug` can be run. */
  readonly files?: (world: World) => Readonly<Record<string, string>>;
  /** Of both programs, which else have HOME, PATH and KUBECONFIG=conf/config. */
  readonly env?: (world: World, folder: string) => Readonly<Record<string, string>>;
  /** Is passed to both, as kubectl's flag and the engine's option. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** What the servers answer, in turn, before they answer well. */
  readonly answers?: readonly { readonly status: number; readonly headers?: Readonly<Record<string, string>> }[];
  /** Has api.example as the name of this machine, and a service account's files. */
  readonly inPod?: boolean;
  /** Neither sends anything: what the engine says, and what kubectl does. */
  readonly refused?: { readonly engine: RegExp; readonly kubectl: RegExp };
  /** The engine does otherwise: why, and what it says or what authorization it sends instead. */
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
