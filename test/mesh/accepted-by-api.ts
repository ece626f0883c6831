import { until, type KubeClient } from '../control-plane/kube-client';
import { title, type Manifest } from './synthesis';

/** For a moment after a CustomResourceDefinition was applied or a webhook's Service got an endpoint, the API server does not know it. */
const TRANSIENT = ['knows no kind', 'could not find', 'no endpoints available for service'];

/** Applies an object with strict field validation, and expects that nothing refuses it. */
export async function acceptedByApi(client: KubeClient, manifest: Manifest): Promise<void> {
  let refusal: unknown;
  await until(
    () =>
      client.apply(manifest).then(
        () => true,
        (error: unknown) => {
          if (TRANSIENT.some((message) => String(error).includes(message))) return false;
          refusal = error;
          return true;
        },
      ),
    title(manifest),
  );
  expect({ object: title(manifest), refusal }).toEqual({ object: title(manifest), refusal: undefined });
}
