import type { IstioValidation } from '../istio-validation';
import { compare, type Comparison } from './compare';
import { istioObjects } from './istio-objects';

/** An object of Istio's sources that constructs do not write. */
export interface LeftObject extends Comparison {
  readonly file: string;
}

/** How many of the objects in Istio's sources constructs write. */
export interface Coverage {
  /** By kind: how many different objects there are, and how many of them constructs write. */
  readonly kinds: ReadonlyMap<string, { readonly all: number; readonly written: number }>;

  /** The others. */
  readonly left: readonly LeftObject[];

  /** How many more there are that the API server or Istio refuses: wrong on purpose, or templates. */
  readonly refused: number;

  /** Those of them that constructs write nevertheless, to be refused again. */
  readonly missed: readonly LeftObject[];
}

/** Whether a construct writes something that Istio refuses. */
export function isMissed({ ours, writtenRefused }: Comparison): boolean {
  return ours === 'same' && writtenRefused !== '';
}

/** Writes each object of Istio's sources by constructs; objects that say the same count once. */
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
