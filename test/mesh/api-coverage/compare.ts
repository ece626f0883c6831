import type { IstioValidation } from '../istio-validation';
import type { Manifest } from '../synthesis';
import { difference, inTodaysWords } from './same-meaning';
import { writtenTyped } from './written-typed';

/** What becomes of an object that is written by constructs, beside what the API server and Istio say about it. */
export interface Comparison {
  readonly kind: string;
  readonly name: string;

  /** Why they refuse the object; empty where they take it. */
  readonly refusedByIstio: string;

  /**
   * - `same`: a construct writes an object that says the same
   * - `refused`: the construct refuses it
   * - `unsaid`: constructs have no words for some of it
   */
  readonly ours: 'same' | 'refused' | 'unsaid';

  /** What the construct says, or which part is not said. */
  readonly reason: string;

  /** Why Istio refuses what a construct wrote instead; empty where it takes it, and where there is nothing. */
  readonly writtenRefused: string;

  /** The specification, as protobuf writes it. */
  readonly spec: Readonly<Record<string, unknown>>;
}

const DRY_RUN = 'istio.io/dry-run';

/** Writes an object by constructs and compares; nothing of an object that Istio cannot read. */
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
