import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restartWorkloads, type RestartPlan } from 'istio-module/engine';
import { stringify } from 'yaml';
import type { MeshChartProps } from '../../stacks/mesh-chart';
import { MeshCluster } from '../e2e/mesh-cluster';
import { SAMPLE_WORKLOADS } from '../e2e/rolled-between';
import { runCli } from './run-cli';
import { schemaProblems } from './schema-problems';

const MINUTES = 60_000;
const WHY = '(istio-proxy.env.PROXY_CONFIG.concurrency (none) → 3)';

describe('istio-module plan --with', () => {
  let cluster: MeshCluster;
  let directory: string;
  let flags: readonly string[];

  /** Writes the chart as `cdk8s synth` would, one file per object, and returns their directory. */
  function synthesized(props: Partial<MeshChartProps> = {}): string {
    const manifests = mkdtempSync(join(directory, 'manifests-'));
    cluster
      .chart(props)
      .toJson()
      .forEach((object, index) => {
        writeFileSync(join(manifests, `${String(index)}.yaml`), stringify(object));
      });
    return manifests;
  }

  /** Runs the command with an istioctl that it can find, unless `isFound` is false. */
  const planWith = (manifests: string, args: readonly string[] = [], isFound = true) =>
    runCli(['plan', ...flags, '--with', manifests, ...args], {
      env: isFound ? { ISTIOCTL: cluster.controlPlane.programs.istioctl } : { PATH: '/nowhere' },
    });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'istio-module-plan-with-'));
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    const { kubeconfig } = cluster.controlPlane;
    flags = ['--kubeconfig', kubeconfig, '--injector-settle', '1s', '--injector-timeout', '1m'];
    await restartWorkloads({ kubeconfig, injector: { settleSeconds: 1 } });
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
    rmSync(directory, { recursive: true });
  }, MINUTES);

  it(
    'has nothing to do when the manifests change nothing',
    async () => {
      const { stdout, stderr, code } = await planWith(synthesized(), [
        '-n',
        'shop',
        '-l',
        'app=cart',
        '--detailed-exitcode',
      ]);
      expect({ stdout, stderr, code }).toEqual({
        stdout: 'Nothing to do: 1 up to date, 4 not selected.\n',
        stderr: '',
        code: 0,
      });
    },
    MINUTES,
  );

  it(
    'lists exactly what will restart, and ends with 2',
    async () => {
      const manifests = synthesized({ defaultConfig: { concurrency: 3 } });
      const { stdout, code } = await planWith(manifests, ['-o', 'json', '--detailed-exitcode']);
      expect(code).toBe(2);
      const plan = JSON.parse(stdout) as RestartPlan;
      expect(schemaProblems('plan', plan)).toEqual([]);
      expect(plan.bound).toBeUndefined();
      const restarted = plan.workloads.filter(({ decision }) => decision === 'restart');
      expect(restarted.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`).sort()).toEqual(
        SAMPLE_WORKLOADS,
      );
      const cart = plan.workloads.find(({ name }) => name === 'cart');
      expect(cart?.message.replace(/^\d of \d pods? /, '')).toBe(`out of date ${WHY}`);
    },
    MINUTES,
  );

  it(
    'says without istioctl that it is an upper bound, and how to get the exact list',
    async () => {
      const manifests = synthesized({ defaultConfig: { concurrency: 3 } });
      const { stdout, code } = await planWith(manifests, ['-o', 'markdown'], false);
      expect(code).toBe(0);
      expect(stdout).toContain(
        '> **Upper bound**: At most these workloads restart, since istioctl was not found. The plan treats the sidecars of all 9 workloads with a changed injector configuration as changed, although some may stay the same. For the exact list, pass istioctl 1.31.1 with --istioctl or the environment variable ISTIOCTL.',
      );
      expect(stdout).toContain('5 to restart (5 not seamless), 3 to do by hand');
    },
    MINUTES,
  );

  it(
    'ends with 1 and one sentence when there are no manifests to read',
    async () => {
      const empty = join(directory, 'empty');
      mkdirSync(empty);
      const missing = await planWith(join(directory, 'missing.yaml'));
      expect({ ...missing, stderr: missing.stderr.replaceAll(directory, 'DIR') }).toEqual({
        stdout: '',
        stderr: 'error: --with DIR/missing.yaml cannot be read: no such file or directory; check the path.\n',
        code: 1,
      });
      const none = await planWith(empty);
      expect({ ...none, stderr: none.stderr.replaceAll(directory, 'DIR') }).toMatchObject({ stdout: '', code: 1 });
      expect(none.stderr).toMatch(/^error: [^\n]+\n$/);
    },
    MINUTES,
  );
});
