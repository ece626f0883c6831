import type { ObjectReference } from './kube-client';

/** Whether an object is of one of Istio's own kinds, which istiod validates before the API server accepts it. */
export function isOfIstio({ apiVersion }: Pick<ObjectReference, 'apiVersion'>): boolean {
  return apiVersion.includes('.istio.io/');
}

/** Applies objects in the given order, but those of Istio's own kinds last, once istiod is ready. */
export async function applyInOrder<T extends ObjectReference>(
  objects: readonly T[],
  apply: (object: T) => Promise<void>,
  istiodReady: () => Promise<unknown>,
): Promise<void> {
  for (const object of objects.filter((one) => !isOfIstio(one))) {
    await apply(object);
  }
  await istiodReady();
  for (const object of objects.filter(isOfIstio)) {
    await apply(object);
  }
}
