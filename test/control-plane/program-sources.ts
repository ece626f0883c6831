import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { SourcePatch } from './patched-module';

/** One Go program of the local control plane: where its source is, and how an installed one is recognised. */
export interface ProgramSource {
  /** File name of the program. */
  readonly name: string;

  /** Go package, as `go build` takes it. */
  readonly package: string;

  /**
   * Folder of the Go module below programs/.
   *
   * @default - the module in programs/ itself
   */
  readonly module?: string;

  /**
   * A dependency that does not compile with the libraries of this module, and what is changed in a copy of it.
   *
   * @default - every dependency is taken as it is
   */
  readonly patch?: SourcePatch;

  /**
   * Variables set by the linker, by name.
   *
   * @default - none
   */
  readonly variables?: Readonly<Record<string, string>>;

  /**
   * Names under which the program is started, instead of its own.
   *
   * @default - its own name
   */
  readonly links?: readonly string[];

  /**
   * Name of a folder that the program writes: after the build, the program is run once with the path of the folder.
   *
   * @default - none
   */
  readonly writes?: string;

  /**
   * How to ask installed programs for their version, and the answer with which they are used instead of a build.
   *
   * @default - always built
   */
  readonly installed?: { readonly arguments: readonly string[]; readonly version: RegExp };
}

const kubernetesVersion = '1.36.3';

/** The Kubernetes version that nodes report, such as `v1.36.3`. */
export const kubeletVersion = `v${kubernetesVersion}`;

/** Version of Pulumi's Kubernetes provider: the one that the SDK in package.json asks for. */
export const kubernetesProviderVersion = '4.34.2';

/**
 * Istio's version. The Go module requires its sources at a commit of Istio's release branch, and the patch number is a
 * label of this project; see istio-versions.ts for the other versions.
 */
export const istioVersion = '1.31.1';

/** Linker variables that set the version of Kubernetes' programs. */
export const kubernetesVariables: Readonly<Record<string, string>> = {
  'k8s.io/component-base/version.gitVersion': `v${kubernetesVersion}`,
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': '36',
};

/** Where the Go modules are. */
export const sourcesDirectory = join(__dirname, 'programs');

/**
 * Where the Kubernetes provider imports and lists its components for YAML files, Helm charts and kustomizations.
 * Nothing here uses these components, which would be nine tenths of what is compiled for the provider.
 */
const unusedComponents = [
  'provideryamlv2 "',
  'providerhelmv4 "',
  'providerkustomizev2 "',
  '"kubernetes:yaml/v2:ConfigFile"',
  '"kubernetes:yaml/v2:ConfigGroup"',
  '"kubernetes:helm.sh/v4:Chart"',
  '"kubernetes:kustomize/v2:Directory"',
];

/** What every control plane needs, and Pulumi. */
export const programSources: readonly ProgramSource[] = [
  {
    name: 'kubernetes',
    package: './kubernetes',
    links: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'],
    variables: kubernetesVariables,
    installed: { arguments: ['--version'], version: /Kubernetes v1\.36\.3\b|etcd Version: 3\.6\.13\b/ },
  },
  {
    name: 'kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    variables: { 'sigs.k8s.io/kwok/pkg/consts.Version': 'v0.8.0' },
    installed: { arguments: ['--version'], version: /\bv?0\.8\.0\b/ },
  },
  {
    name: 'kwokctl',
    package: 'sigs.k8s.io/kwok/cmd/kwokctl',
    variables: { 'sigs.k8s.io/kwok/pkg/consts.Version': 'v0.8.0' },
    installed: { arguments: ['--version'], version: /\bv?0\.8\.0\b/ },
  },
  {
    name: 'pilot-discovery',
    package: 'istio.io/istio/pilot/cmd/pilot-discovery',
    variables: { 'istio.io/istio/pkg/version.buildVersion': istioVersion },
    installed: { arguments: ['version', '--short'], version: /\b1\.31\.1\b/ },
  },
  {
    name: 'istioctl',
    package: 'istio.io/istio/istioctl/cmd/istioctl',
    variables: { 'istio.io/istio/pkg/version.buildVersion': istioVersion },
    installed: { arguments: ['version', '--remote=false', '--short'], version: /\b1\.31\.1\b/ },
  },
  { name: 'istio-charts', package: './istio-charts', writes: 'charts' },
  {
    name: 'helm',
    package: 'helm.sh/helm/v3/cmd/helm',
    installed: { arguments: ['version', '--template', '{{.Version}}'], version: /^v3\.21\b/ },
  },
  {
    name: 'pulumi',
    package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': '3.259.0' },
    installed: { arguments: ['version'], version: /^v3\.259\.0$/m },
  },
  {
    name: 'pulumi-language-nodejs',
    package: 'github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs',
    module: 'pulumi-language-nodejs',
    variables: { 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version': '3.60.0' },
  },
  {
    name: 'pulumi-resource-kubernetes',
    package: './pulumi-resource-kubernetes',
    variables: { 'main.version': kubernetesProviderVersion },
    // The provider's sources use version 0.33 of Kubernetes' libraries; version 0.36 only requires two changed lines.
    patch: {
      module: 'github.com/pulumi/pulumi-kubernetes/provider/v4',
      replacements: [
        {
          file: 'pkg/await/await.go',
          from: 'structured-merge-diff/v4/fieldpath',
          to: 'structured-merge-diff/v6/fieldpath',
        },
        { file: 'pkg/gen/schema.go', from: 'Provider: pschema.ResourceSpec{', to: 'Provider: &pschema.ResourceSpec{' },
        ...unusedComponents.map((from) => ({ file: 'pkg/provider/provider_construct.go', from, to: `// ${from}` })),
      ],
    },
  },
];

/** Istio's own validation, which is built only for the tests that use it. */
export const istioValidationSource: ProgramSource = { name: 'istio-validation', package: './istio-validation' };

/** Prometheus' linter and parser, and Grafana's schema, for the tests that use them. */
export const monitoringLintSource: ProgramSource = { name: 'monitoring-lint', package: '.', module: 'monitoring-lint' };

/**
 * A hash of everything that decides whether built programs are still up to date: every Go source of their modules, and
 * how they are built.
 */
export function sourcesHash(sources: readonly ProgramSource[] = programSources): string {
  const hash = createHash('sha256').update(JSON.stringify(sources) + process.platform + process.arch);
  const modules = [
    ...new Set(sources.flatMap(({ module = '', patch }) => [module, patch?.version?.requiredBy ?? module])),
  ].sort();
  for (const file of modules.flatMap((module) => filesOfModule(module))) {
    hash.update(`\n${file}\n`).update(readFileSync(join(sourcesDirectory, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The Go sources of a module, relative to programs/, without those of modules inside it. */
function filesOfModule(folder: string): readonly string[] {
  return readdirSync(join(sourcesDirectory, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        return existsSync(join(sourcesDirectory, path, 'go.mod')) ? [] : filesOfModule(path);
      }
      return /(\.go|^go\.mod|^go\.sum)$/.test(entry.name) ? [path] : [];
    });
}
