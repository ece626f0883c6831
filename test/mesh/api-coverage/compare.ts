import type { IstioValidation } from '../istio-validation';
import type { Manifest } from '../synthesis';
import { difference, inTodaysWords } from './same-meaning';
import { writtenTyped } from './written-typed';

/** How constructs write an object, compared with what the API server and Istio decide about it. */
export interface Comparison {
  readonly kind: string;
  readonly name: string;

  /** Why the API server or Istio refuses the object; empty if both accept it. */
  readonly refusedByIstio: string;

  /**
   * - `same`: a construct writes an object with the same meaning
   * - `refused`: the construct refuses it
   * - `unsaid`: constructs cannot express a part of it
   */
  readonly ours: 'same' | 'refused' | 'unsaid';

  /** The construct's message, or the part that cannot be expressed. */
  readonly reason: string;

  /** Why Istio refuses what a construct wrote; empty if Istio accepts it, or if no construct wrote anything. */
  readonly writtenRefused: string;

  /** The spec as protobuf serializes it. */
  readonly spec: Readonly<Record<string, unknown>>;
}

const DRY_RUN = 'istio.io/dry-run';

/** Writes an object with constructs, and compares both. Returns `undefined` for an object that Istio cannot read. */
export async function compare(istio: IstioValidation, given: Manifest): Promise<Comparison | undefined> {
  const { kind } = given;
  const { name, namespace = 'default' } = given.metadata;
  const object = { ...given, metadata: { ...given.metadata, namespace } };
  const verdict = await istio.object(object);
  const { spec } = verdict;
  if (!spec) return undefined;
  const common = { kind, name, spec, refusedByIstio: verdict.error, writtenRefused: '' };
  const written = writtenTyped({ ...object, spec: inTodaysWords(kind, spec) });
  if ('refused' in written) return { ...common, ours: 'refused', reason: written.refused };
  if ('unsaid' in written) return { ...common, ours: 'unsaid', reason: written.unsaid };
  const { error: writtenRefused, spec: own = {} } = await istio.object(written.object);
  const { metadata } = written.object;
  const [annotation, ownAnnotation] = [given, written.object].map((one) => one.metadata.annotations?.[DRY_RUN]);
  const other =
    metadata.name === name && metadata.namespace === namespace && annotation === ownAnnotation
      ? difference(kind, namespace, own, spec)
      : 'metadata';
  return { ...common, writtenRefused, ours: other === undefined ? 'same' : 'unsaid', reason: other ?? '' };
}
