import { IstioCharts } from 'istio-module';
import { isOfIstio } from '../control-plane/apply-in-order';
import { ControlPlane } from '../control-plane/control-plane';
import { Istiod } from '../control-plane/istiod';
import { ApiError, until, type KubeClient } from '../control-plane/kube-client';
import { emptyChart, fakeModule, synthesized, type Manifest } from './synthesis';

/** An API server and istiod that validate objects without storing them. */
export class ValidatingCluster {
  static async start(): Promise<ValidatingCluster> {
    const controlPlane = await ControlPlane.start();
    const istiod = await Istiod.follow(controlPlane);
    const cluster = new ValidatingCluster(controlPlane, istiod, await controlPlane.connect());
    await cluster.install();
    return cluster;
  }

  private constructor(
    private readonly controlPlane: ControlPlane,
    private readonly istiod: Istiod,
    private readonly client: KubeClient,
  ) {}

  /**
   * Why the API server, with strict field validation, or istiod's webhook refuses an object; undefined if they accept
   * it.
   */
  async refusal(manifest: Manifest): Promise<string | undefined> {
    try {
      await this.client.raw('POST', `${collection(manifest)}?dryRun=All&fieldValidation=Strict`, manifest);
      return undefined;
    } catch (error) {
      // Any other error is not a refusal, such as that of a cluster that is gone.
      if (error instanceof ApiError && (error.code === 400 || error.code === 403 || error.code === 422))
        return error.message;
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.istiod.unfollow();
    await this.controlPlane.stop();
  }

  private async install(): Promise<void> {
    const chart = emptyChart();
    fakeModule(chart, {
      helmExecutable: this.controlPlane.programs.helm,
      charts: IstioCharts.directory(this.controlPlane.programs.istioCharts),
    });
    for (const manifest of synthesized(chart).filter((one) => !isOfIstio(one))) await this.client.apply(manifest);
    await this.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await this.istiod.ready();
    const empty = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'a', namespace: 'shop' },
    };
    // The charts' webhook lets everything pass until istiod takes over the webhook, a moment after istiod is ready.
    await until(async () => {
      const refusal = await this.refusal({ ...empty, spec: { hosts: [] } });
      return refusal?.includes('admission webhook "validation.istio.io" denied') === true;
    }, 'the validating webhook being in force');
    await until(async () => (await this.refusal(podWith({}))) === undefined, 'a pod being admitted');
  }
}

/** A pod whose only container has these resources. */
export function podWith(resources: object): Manifest {
  const containers = [{ name: 'app', image: 'app', resources }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'shop' }, spec: { containers } };
}

function collection({ apiVersion, kind, metadata: { namespace } }: Manifest): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${plural}`;
}
