import { until, type KubeClient } from '../control-plane/kube-client';
import { title, type Manifest } from './synthesis';

/** Applies an object with strict field validation, and expects that nothing refuses it. */
export async function acceptedByApi(client: KubeClient, manifest: Manifest): Promise<void> {
  let refusal: unknown;
  await until(
    () =>
      client.apply(manifest).then(
        () => true,
        (error: unknown) => {
          // A kind is not there for a moment after its CustomResourceDefinition was applied.
          if (String(error).includes('knows no kind') || String(error).includes('could not find')) return false;
          refusal = error;
          return true;
        },
      ),
    title(manifest),
  );
  expect({ object: title(manifest), refusal }).toEqual({ object: title(manifest), refusal: undefined });
}
