import * as pulumi from '@pulumi/pulumi';
import type { Manifest } from './chart-objects';

/** An object of any kind, with the resource type that `@pulumi/kubernetes` and its plugin use for it. */
export class KubernetesObject extends pulumi.CustomResource {
  constructor(name: string, manifest: Manifest, opts: pulumi.CustomResourceOptions) {
    const secret = isSecret(manifest);
    super(
      typeTokenOf(manifest),
      name,
      secret ? { ...manifest, ...secretFields(manifest) } : { ...manifest },
      secret ? { ...opts, additionalSecretOutputs: [...SECRET_FIELDS] } : opts,
    );
  }
}

const SECRET_FIELDS = ['data', 'stringData'] as const;

/** The resource type, such as `kubernetes:apps/v1:Deployment`. The core group is `core`. */
export function typeTokenOf({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): string {
  return `kubernetes:${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

function isSecret({ apiVersion, kind }: Manifest): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

function secretFields(manifest: Manifest): pulumi.Inputs {
  return Object.fromEntries(
    SECRET_FIELDS.flatMap((field) => (manifest[field] === undefined ? [] : [[field, pulumi.secret(manifest[field])]])),
  );
}
