import type { IstioValidation } from '../istio-validation';
import { compare, type Comparison } from './compare';
import { istioObjects } from './istio-objects';

/** An object in Istio's sources that constructs do not write. */
export interface LeftObject extends Comparison {
  readonly file: string;
}

/** The number of objects in Istio's sources, and how many of them constructs write. */
export interface Coverage {
  /** The number of different objects by kind, and how many of them constructs write. */
  readonly kinds: ReadonlyMap<string, { readonly all: number; readonly written: number }>;

  /** The objects that constructs do not write. */
  readonly left: readonly LeftObject[];

  /**
   * The number of further objects, which the API server or Istio refuses because they are wrong on purpose, or
   * templates.
   */
  readonly refused: number;

  /** Refused objects that constructs write nevertheless, in a form that is refused again. */
  readonly missed: readonly LeftObject[];
}

/** Whether a construct writes something that Istio refuses. */
export function isMissed({ ours, writtenRefused }: Comparison): boolean {
  return ours === 'same' && writtenRefused !== '';
}

/** Writes each object in Istio's sources with constructs; objects with the same meaning count once. */
export async function countCoverage(istio: IstioValidation): Promise<Coverage> {
  const seen = new Set<string>();
  const kinds = new Map<string, { all: number; written: number }>();
  const left: LeftObject[] = [];
  const missed: LeftObject[] = [];
  let refused = 0;
  for (const { file, manifests } of await istioObjects()) {
    const compared: Comparison[] = [];
    for (const manifest of manifests) {
      const comparison = await compare(istio, manifest);
      if (comparison) compared.push(comparison);
      if (comparison?.refusedByIstio === '') break;
    }
    const best = compared.at(-1);
    if (best?.refusedByIstio !== '') {
      refused++;
      if (best && isMissed(best)) missed.push({ ...best, file });
      continue;
    }
    const key = JSON.stringify([best.kind, best.spec]);
    if (seen.has(key)) continue;
    seen.add(key);
    const { all, written } = kinds.get(best.kind) ?? { all: 0, written: 0 };
    kinds.set(best.kind, { all: all + 1, written: written + (best.ours === 'same' ? 1 : 0) });
    if (best.ours !== 'same') left.push({ ...best, file });
  }
  return { kinds, left, refused, missed };
}
