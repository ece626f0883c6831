import { join } from 'node:path';

import { go } from './go-command';
import { type ProgramSource, sourcesDirectory } from './program-sources';
import { locatePrograms } from './programs';

/**
 * The minor version before the one that everything else runs with. The sources are a commit of Istio's release branch;
 * the patch number is a label of this project and does not mean the release of Istio with this number.
 */
export const olderIstioVersion = '1.30.2';

/** The control plane of an older Istio. */
export interface OlderIstio {
  readonly version: string;
  readonly pilotDiscovery: string;
  /** Holds its official charts: base, gateway, istio-cni, istio-control/istio-discovery and more. */
  readonly charts: string;
}

/** The files of the proxies of an older Istio, for a real node. */
export interface OlderProxy {
  readonly pilotAgent: string;
  /** Template of Envoy's bootstrap configuration, which pilot-agent fills in. */
  readonly bootstrapTemplate: string;
}

const older = 'istio-1.30';

const olderProgramSources: readonly ProgramSource[] = ['pilot-discovery', 'pilot-agent'].map((name) => ({
  name,
  package: `istio.io/istio/pilot/cmd/${name}`,
  variables: { 'istio.io/istio/pkg/version.buildVersion': olderIstioVersion },
  patch: {
    module: 'istio.io/istio',
    version: { requiredBy: older, with: ['istio.io/api', 'istio.io/client-go'] },
    // Its sources use version 0.35 of Kubernetes' libraries. Version 0.36 only requires one more method, which is never
    // called; in Istio 1.31, that method panics as well.
    replacements: [
      { file: 'pkg/kube/kclient/client.go', type: 'a neverReady' },
      { file: 'pkg/kube/kclient/delayed.go', type: 'r delayedHandlerRegistration' },
    ].map(({ file, type }) => {
      const method = `func (${type}) HasSynced() bool {`;
      const added = `func (${type}) HasSyncedChecker() cache.DoneChecker { panic("not implemented; use HasSynced") }`;
      return { file, from: method, to: `${added}\n\n${method}` };
    }),
  },
}));

/**
 * Builds the control plane of {@link olderIstioVersion}, unless it was built before.
 *
 * @throws Error when Go is missing or older than 1.26, or the build fails
 */
export async function olderIstio(progress?: (line: string) => void): Promise<OlderIstio> {
  return {
    version: olderIstioVersion,
    pilotDiscovery: await olderProgram('pilot-discovery', progress),
    charts: join(await istioSources(older), 'manifests', 'charts'),
  };
}

/**
 * Builds the proxies' agent of {@link olderIstioVersion}, unless it was built before.
 *
 * @throws Error when Go is missing or older than 1.26, or the build fails
 */
export async function olderProxy(progress?: (line: string) => void): Promise<OlderProxy> {
  return {
    pilotAgent: await olderProgram('pilot-agent', progress),
    bootstrapTemplate: join(await istioSources(older), 'tools', 'packaging', 'common', 'envoy_bootstrap.json'),
  };
}

async function olderProgram(name: string, progress?: (line: string) => void): Promise<string> {
  const needed = olderProgramSources.filter((source) => source.name === name);
  return (await locatePrograms(olderProgramSources, progress, needed)).path(name);
}

/** An Istio that cannot be upgraded to the current one. Only its charts are available: its programs do not compile. */
export const outdatedIstioVersion = '1.27.9';

/**
 * Downloads the charts of {@link outdatedIstioVersion}, unless they were downloaded before.
 *
 * @returns the directory that holds them
 */
export async function outdatedIstioCharts(): Promise<string> {
  return join(await istioSources('istio-1.27'), 'manifests', 'charts');
}

/** The folder of Istio's sources, in Go's module cache; go.sum pins their content. */
async function istioSources(module: string): Promise<string> {
  const download = await go(['mod', 'download', '-json', 'istio.io/istio'], join(sourcesDirectory, module));
  return (JSON.parse(download) as { readonly Dir: string }).Dir;
}
