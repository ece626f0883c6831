import { type KubeClient, type KubeObject, type ObjectReference, until } from '../control-plane/kube-client';
import { Reconciling } from '../e2e/reconciling';

const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
const MARK = 'istio-module/restarted-for';

interface Templated extends KubeObject {
  readonly spec: {
    readonly template: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } };
  };
}

/**
 * An operator that keeps the pod templates of its workloads as they are in its custom resource, and so reverts
 * restarts.
 */
export class TemplateKeeper {
  /** How often a restart was reverted. */
  count = 0;

  private readonly reconciling: Reconciling;

  /** @param keepsAnnotations whether it keeps the annotations of the workloads themselves, too */
  constructor(
    private readonly client: KubeClient,
    private readonly workloads: readonly ObjectReference[],
    private readonly keepsAnnotations = false,
  ) {
    this.reconciling = new Reconciling('the operator of this test', async () => {
      for (const reference of workloads) {
        await this.reconcile(reference);
      }
    });
  }

  /** Returns once the annotations of the workloads themselves are as the operator keeps them. */
  settled(): Promise<void> {
    const isAsKept = async (reference: ObjectReference) =>
      (await this.client.find(reference))?.metadata.annotations?.[MARK] === undefined;
    return until(
      async () => (await Promise.all(this.workloads.map(isAsKept))).every(Boolean),
      'the operator of this test having removed every mark',
    );
  }

  stop(): Promise<void> {
    return this.reconciling.stop();
  }

  private async reconcile({ apiVersion, kind, metadata }: ObjectReference): Promise<void> {
    const reference = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } };
    const found = await this.client.find<Templated>(reference);
    if (found?.spec.template.metadata.annotations?.[RESTARTED_AT] !== undefined) {
      this.count += 1;
      const template = { metadata: { annotations: { [RESTARTED_AT]: null } } };
      await this.client.patch(reference, { spec: { template } });
    }
    if (this.keepsAnnotations && found?.metadata.annotations?.[MARK] !== undefined) {
      await this.client.patch(reference, { metadata: { annotations: { [MARK]: null } } });
    }
  }
}
