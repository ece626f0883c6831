import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { IstioCharts, type IstioModuleProps } from 'istio-module';
import { programs } from '../../control-plane/programs';
import { emptyChart, fakeModule, synthesized, title, type Manifest } from '../synthesis';
import { packageCharts } from './package-charts';
import { startChartServer, type ChartServer } from './chart-server';

const run = promisify(execFile);
const ELSEWHERE = 'set the prop charts to IstioCharts.directory(PATH) or IstioCharts.oci(URL)';

/** Istio's charts as the real helm packages them, in a Helm repository and a real OCI registry on loopback. */
describe("Istio's charts", () => {
  let directory: string;
  let helm: string;
  let local: IstioCharts;
  let server: ChartServer;

  beforeAll(async () => {
    const found = await programs();
    local = IstioCharts.directory(found.istioCharts);
    directory = mkdtempSync(join(tmpdir(), 'istio-charts-'));
    helm = join(directory, 'helm');
    const home = (kind: string) => `HELM_${kind}_HOME='${join(directory, kind)}'`;
    writeFileSync(helm, `#!/bin/sh\n${home('CACHE')} ${home('CONFIG')} ${home('DATA')} exec '${found.helm}' "$@"\n`, {
      mode: 0o755,
    });
    const packages = await packageCharts(directory, { helm, charts: found.istioCharts });
    server = await startChartServer(directory, packages);
    for (const chart of ['base', 'istiod', 'cni', 'gateway']) {
      const target = `oci://${server.address}/istio/release/charts`;
      await run(helm, ['push', join(packages, `${chart}-1.31.1.tgz`), target, '--plain-http']);
    }
  }, 1_800_000);
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  });

  const repository = (address: string): IstioCharts => ({ source: 'repository', url: `http://${address}` });
  const registry = (address: string) => IstioCharts.oci(`oci://${address}/istio/release/charts`);

  function rendered(props: Partial<IstioModuleProps>): Manifest[] {
    const chart = emptyChart();
    fakeModule(chart, { helmExecutable: helm, ingressGateways: [{ name: 'public' }], ...props });
    return synthesized(chart);
  }

  /** A loopback address at which nothing listens. */
  async function unreachable(): Promise<string> {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    return `127.0.0.1:${String(port)}`;
  }

  test.each([
    ['a Helm repository', repository],
    ['an OCI registry', registry],
  ])(
    'are rendered from %s as they are from a directory',
    (_, at) => {
      const manifests = rendered({ charts: at(server.address) });
      expect(manifests.map(title)).toEqual(
        expect.arrayContaining([
          'CustomResourceDefinition/virtualservices.networking.istio.io',
          'Deployment/istio-system/istiod',
          'DaemonSet/istio-system/istio-cni-node',
          'Deployment/istio-system/public',
        ]),
      );
      expect(JSON.stringify(manifests)).toContain('docker.io/istio/pilot:1.31.1-distroless');
      // Only packaged charts have a version, which is in a label.
      expect(unversioned(manifests)).toEqual(unversioned(rendered({ charts: local })));
    },
    60_000,
  );

  test.each([
    ['a Helm repository', repository, (address: string) => `http://${address}`],
    ['an OCI registry', registry, (address: string) => `oci://${address}/istio/release/charts`],
  ])('name the version and the address of %s that does not have it', (_, at, url) => {
    expect(() => rendered({ charts: at(server.address), version: '1.99.0' })).toThrow(
      new Error(
        `IstioModule mesh/istio: chart base of Istio 1.99.0 is not found at ${url(server.address)}; check the version, or ${ELSEWHERE}`,
      ),
    );
  });

  test('name the address of a Helm repository that cannot be reached', async () => {
    const address = await unreachable();
    const url = `http://${address}`;
    expect(() => rendered({ charts: repository(address) })).toThrow(
      new Error(
        `IstioModule mesh/istio: chart base of Istio 1.31.1 could not be fetched from ${url} (looks like "${url}" is not a valid chart ` +
          `repository or cannot be reached: Get "${url}/index.yaml": dial tcp ${address}: connect: connection refused); check the network, or ${ELSEWHERE}`,
      ),
    );
  });

  test('name the address of an OCI registry that cannot be reached', async () => {
    const address = await unreachable();
    expect(() => rendered({ charts: registry(address) })).toThrow(
      new Error(
        `IstioModule mesh/istio: chart base of Istio 1.31.1 could not be fetched from oci://${address}/istio/release/charts (failed to ` +
          `perform "FetchReference" on source: Get "https://${address}/v2/istio/release/charts/base/manifests/1.31.1": ` +
          `dial tcp ${address}: connect: connection refused); check the network, or ${ELSEWHERE}`,
      ),
    );
  });
});

/** Manifests without the labels that contain the version of the packaged chart. */
function unversioned(manifests: readonly Manifest[]): unknown {
  const versions = ['helm.sh/chart', 'app.kubernetes.io/version'];
  const text = JSON.stringify(manifests, (key, value: unknown) => (versions.includes(key) ? undefined : value));
  return JSON.parse(text);
}
