/**
 * The program of `npm run synth`, and of `npx cdk8s synth` through cdk8s.yaml. It gets Istio's charts from the Helm
 * repository of Istio. Without internet access, set ISTIO_CHARTS to a directory with the charts (manifests/charts of an
 * Istio release), or to an OCI address (oci://…).
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
  // The message is sufficient. A stack trace would hide it.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function source(value: string | undefined): IstioCharts {
  if (value === undefined || value === '') return IstioCharts.official();
  return value.startsWith('oci://') ? IstioCharts.oci(value) : IstioCharts.directory(value);
}
