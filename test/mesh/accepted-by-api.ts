import { until, type KubeClient } from '../control-plane/kube-client';
import { title, type Manifest } from './synthesis';

/**
 * Errors for a moment after a CustomResourceDefinition is applied or a webhook's Service gets an endpoint, while the
 * API server does not know about it.
 */
const TRANSIENT = ['knows no kind', 'could not find', 'no endpoints available for service'];

/** Applies an object with strict field validation, and expects it to be accepted. */
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
