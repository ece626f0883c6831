import { format, resolveConfig } from 'prettier';
import type { IstioValidation } from '../istio-validation';
import { compare, type Comparison } from './compare';
import { countCoverage, type Coverage } from './count-coverage';
import { coverageReport, type CaseResults } from './coverage-report';
import { validationCases } from './validation-cases';

/** What is measured, and the page that says so. */
export interface Measurement {
  readonly coverage: Coverage;
  readonly cases: CaseResults;
  readonly page: string;
}

/** Measures how much of Istio's API constructs can say. */
export async function measure(istio: IstioValidation, page: string): Promise<Measurement> {
  const coverage = await countCoverage(istio);
  const compared: Comparison[] = [];
  for (const object of await validationCases()) {
    const comparison = await compare(istio, object);
    if (comparison) compared.push(comparison);
  }
  const cases = {
    all: compared.length,
    accepted: compared.filter(({ refusedByIstio }) => refusedByIstio === ''),
    refused: compared.filter(({ refusedByIstio }) => refusedByIstio !== ''),
  };
  const options = await resolveConfig(page);
  return { coverage, cases, page: await format(coverageReport(coverage, cases), { ...options, filepath: page }) };
}
