/**
 * What `npm run synth` runs, and `npx cdk8s synth` through cdk8s.yaml. Istio's charts come from its Helm repository;
 * without internet, set ISTIO_CHARTS to a directory that holds them (manifests/charts of an Istio release), or to an OCI
 * address (oci://…) that does.
 */
import { App } from 'cdk8s';
import { IstioCharts } from 'istio-module';
import { MeshChart } from './mesh-chart';

const charts = process.env.ISTIO_CHARTS;

const app = new App({ outdir: process.env.CDK8S_OUTDIR ?? 'dist/manifests' });
try {
  new MeshChart(app, 'mesh', { version: '1.31.1', charts: source(charts) });
  app.synth();
  process.stdout.write(`the manifests are in ${app.outdir}\n`);
} catch (error) {
  // The message says it all; a stack trace would bury it.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function source(value: string | undefined): IstioCharts {
  if (value === undefined || value === '') return IstioCharts.official();
  return value.startsWith('oci://') ? IstioCharts.oci(value) : IstioCharts.directory(value);
}
