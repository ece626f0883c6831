import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IstioValidation } from '../istio-validation';
import { share } from './coverage-report';
import { isMissed } from './count-coverage';
import { measure, type Measurement } from './measure';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'coverage.md');

/**
 * Istio's tests use objects that are wrong on purpose, or belong to other implementations: docs/coverage.md lists them.
 */
const GATEWAY_API_SHARE = 93;

describe("Istio's own objects", () => {
  let measured: Measurement;
  beforeAll(async () => {
    const istio = await IstioValidation.start();
    measured = await measure(istio, PAGE);
    istio.stop();
  }, 1_800_000);

  test('are written by constructs, 97 of 100 at least', () => {
    const { coverage, gatewayApi } = measured;
    expect(share(coverage)).toBeGreaterThanOrEqual(98);
    expect(share(coverage, gatewayApi)).toBeGreaterThanOrEqual(97);
  });

  test('of the Gateway API are written by constructs, and never so that the API server refuses them', () => {
    expect(measured.gatewayApi.missed).toEqual([]);
    expect(share(measured.gatewayApi)).toBeGreaterThanOrEqual(GATEWAY_API_SHARE);
  });

  test('are refused by constructs where Istio refuses them', () => {
    expect(measured.coverage.missed).toEqual([]);
    expect(measured.cases.refused.filter(isMissed)).toEqual([]);
  });

  test('are never written so that Istio refuses what it accepts', () => {
    const { coverage, cases } = measured;
    const written = [...coverage.left, ...cases.accepted].filter(({ ours }) => ours !== 'refused');
    expect(written.filter(({ writtenRefused }) => writtenRefused !== '')).toEqual([]);
  });

  test('are counted in docs/coverage.md, which npm run coverage:mesh writes', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(measured.page);
  });
});
