import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { Manifest } from './synthesis';

const run = promisify(execFile);

/** One message of `istioctl analyze`. */
interface AnalysisMessage {
  /** Such as `IST0101`. */
  readonly code: string;
  readonly level: 'Info' | 'Warning' | 'Error';
  readonly message: string;
  /** The object, such as `VirtualService shop/reviews`. */
  readonly origin: string;
}

/** Messages of `istioctl analyze` about what is intended. */
const ON_PURPOSE: readonly { readonly sentence: RegExp; readonly because: string }[] = [
  {
    sentence: /^Warning IST0133 AuthorizationPolicy \S+-require-token: .* deny all traffic to TCP ports/,
    because: 'a requirement of tokens that names no port closes TCP ports too: better closed than open by mistake',
  },
  {
    sentence: /^Warning IST0174 DestinationRule \S+\/no-sidecars: The host \*\.\S+ .* does not match any services/,
    because: 'istioctl compares the host of a DestinationRule with those of Services by letter, wildcard or not',
  },
  {
    sentence: /^Error IST0101 Gateway istio-system\/border: Referenced credentialName not found/,
    because: 'keys and certificates are no part of what is synthesized',
  },
  {
    sentence: /^Warning IST0128 DestinationRule shop\/tls-\S+: .* no caCertificates are set/,
    because: 'proxies verify with the authorities of the secret, or with those of their image',
  },
  {
    sentence: /^Warning IST0146 Deployment edge\/\S+: /,
    because: 'istioctl looks at the webhooks of one revision, and this namespace is of another one',
  },
  {
    sentence: /^Info IST0102 Namespace (default|istio-system|kube-\S+): /,
    because: 'Kubernetes brings these namespaces, and injection is only where a namespace asks for it',
  },
];

/** The sentences about what is not intended. */
export function mistakes(sentences: readonly string[]): string[] {
  return sentences.filter((one) => !ON_PURPOSE.some(({ sentence }) => sentence.test(one)));
}

/** Reasons of {@link ON_PURPOSE} that apply to none of the sentences. */
export function idleReasons(sentences: readonly string[]): string[] {
  return ON_PURPOSE.filter(({ sentence }) => !sentences.some((one) => sentence.test(one))).map(
    ({ because }) => because,
  );
}

/** Sentences such as `Error IST0101 VirtualService shop/reviews: …` of `istioctl analyze` over manifests alone. */
export async function analyzeManifests(istioctl: string, manifests: readonly Manifest[]): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'istio-module-analyze-'));
  try {
    const file = join(directory, 'mesh.yaml');
    writeFileSync(file, manifests.map((manifest) => stringify(manifest)).join('---\n'));
    return await sentences(istioctl, ['--use-kube=false', file]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * The same for a cluster. The analyzers that look at Namespaces, Services, Pods or Secrets run only here: `istioctl`
 * skips them for manifests without a cluster.
 */
export function analyzeCluster(istioctl: string, kubeconfig: string): Promise<string[]> {
  return sentences(istioctl, ['--kubeconfig', kubeconfig]);
}

/** The codes for which `istioctl` has no message. */
export async function unknownCodes(istioctl: string, codes: readonly string[]): Promise<string[]> {
  const suppressions = codes.flatMap((code) => ['--suppress', `${code}=Namespace none`]);
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'none' } };
  const directory = mkdtempSync(join(tmpdir(), 'istio-module-codes-'));
  try {
    const file = join(directory, 'namespace.yaml');
    writeFileSync(file, stringify(manifest));
    const { stderr } = await run(istioctl, ['analyze', '--use-kube=false', ...suppressions, file]);
    return [...stderr.matchAll(/message code '(\w+)' is an unknown message code/g)].map(([, code = '']) => code);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function sentences(istioctl: string, args: readonly string[]): Promise<string[]> {
  const { stdout } = await run(istioctl, ['analyze', '--all-namespaces', '--output', 'json', ...args]);
  const messages = JSON.parse(stdout) as AnalysisMessage[];
  return messages.map(({ level, code, origin, message }) => `${level} ${code} ${origin}: ${message}`);
}
