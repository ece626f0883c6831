import { outdatedIstioCharts, outdatedIstioVersion } from '../control-plane/istio-versions';
import { MeshCluster, PROJECT_WITHOUT_TRAFFIC } from '../e2e/mesh-cluster';

describe('a stack with the charts of an outdated Istio', () => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
  }, 600_000);

  afterAll(async () => {
    await cluster.stop();
  });

  test('does not jump to the charts of the current one', async () => {
    const workspace = await cluster.workspace(outdatedIstioVersion, { project: PROJECT_WITHOUT_TRAFFIC });
    await workspace.setConfig('ownership', 'create');
    await workspace.setConfig('charts', await outdatedIstioCharts());
    const installed = await workspace.up();
    const errors = installed.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    expect({ exitCode: installed.exitCode, errors }).toEqual({ exitCode: 0, errors: [] });

    await workspace.setConfig('version', '1.31.1');
    await workspace.setConfig('charts', cluster.controlPlane.programs.istioCharts);
    const jump = await workspace.preview();
    expect(jump.exitCode).not.toBe(0);
    expect([...jump.diagnostics.map(({ message }) => message), jump.stdout].join('\n')).toContain(
      'An upgrade from Istio 1.27.9 to 1.31.1 spans more than one minor version; upgrade to 1.28 first.',
    );

    // A downgrade is possible to any patch version, and on request to the previous minor version.
    await workspace.setConfig('charts', await outdatedIstioCharts());
    await workspace.setConfig('version', '1.27.1');
    expect((await workspace.preview()).exitCode).toBe(0);
    await workspace.setConfig('version', '1.26.2');
    const unasked = await workspace.preview();
    expect(unasked.exitCode).not.toBe(0);
    expect([...unasked.diagnostics.map(({ message }) => message), unasked.stdout].join('\n')).toContain(
      'Istio 1.26.2 is one minor version earlier than the installed 1.27.9; to downgrade, set allowDowngrade',
    );
    await workspace.setConfig('allowDowngrade', 'true');
    expect((await workspace.preview()).exitCode).toBe(0);
  }, 300_000);
});
