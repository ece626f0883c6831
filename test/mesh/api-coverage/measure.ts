import { format, resolveConfig } from 'prettier';
import { ControlPlane } from '../../control-plane/control-plane';
import { gatewayApiDefinitions } from '../../control-plane/gateway-api';
import { until } from '../../control-plane/kube-client';
import type { IstioValidation } from '../istio-validation';
import { compare, type Comparison } from './compare';
import { countCoverage, type Coverage } from './count-coverage';
import { countGatewayApi } from './count-gateway-api';
import { coverageReport, type CaseResults } from './coverage-report';
import { validationCases } from './validation-cases';

/** The measurements, and the page that shows them. */
export interface Measurement {
  readonly coverage: Coverage;
  readonly cases: CaseResults;

  /** The same as `coverage`, for the objects of the Gateway API. */
  readonly gatewayApi: Coverage;
  readonly page: string;
}

/** Measures how much of Istio's API constructs can express. */
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
  const gatewayApi = await gatewayApiCoverage();
  const options = { ...(await resolveConfig(page)), filepath: page };
  return { coverage, cases, gatewayApi, page: await format(coverageReport(coverage, cases, gatewayApi), options) };
}

/** Counts the objects of the Gateway API with an API server that has the standard channel. */
async function gatewayApiCoverage(): Promise<Coverage> {
  const controlPlane = await ControlPlane.start();
  const client = await controlPlane.connect();
  try {
    for (const definition of await gatewayApiDefinitions('standard')) await client.apply(definition);
    const known = (kind: string) =>
      client.list('gateway.networking.k8s.io/v1', kind).then(
        () => true,
        () => false,
      );
    await until(async () => (await known('HTTPRoute')) && (await known('TLSRoute')), 'the Gateway API being served');
    return await countGatewayApi(client);
  } finally {
    client.close();
    await controlPlane.stop();
  }
}
