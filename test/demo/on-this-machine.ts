import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ControlPlane } from '../control-plane/control-plane';
import { Istiod } from '../control-plane/istiod';
import { olderIstio } from '../control-plane/istio-versions';
import { killTree } from '../control-plane/process-tree';
import { programs } from '../control-plane/programs';
import { FIRST_VERSION, Lifecycle, PROJECT, SECOND_VERSION, type LifecycleStep } from './lifecycle';
import { type Audience, showLifecycle } from './show-lifecycle';

/** Holds the state of stacks; ignored by git. */
export const STATE = join(PROJECT, '.pulumi-state');

export interface LocalOptions {
  /** Leaves the control plane running, with Istio in it. */
  readonly keep: boolean;
}

/**
 * Shows the lifecycle on a control plane of its own, and stops the control plane in the end.
 *
 * @returns what happened, and instructions for a control plane that keeps running
 */
export async function showOnThisMachine(
  { keep }: LocalOptions,
  audience: Audience,
): Promise<{ readonly steps: readonly LifecycleStep[]; readonly farewell: readonly string[] }> {
  const { terminal, interruption } = audience;
  terminal.heading('A control plane on this machine');
  const older = await interruption.during(
    () => process.exit(130),
    async () => {
      await programs({ progress: terminal.line });
      return olderIstio(terminal.line);
    },
  );
  terminal.line(
    `Istio ${FIRST_VERSION} and ${SECOND_VERSION} are built from commits of its release branches; their patch numbers`,
  );
  terminal.line('are labels of this demonstration');
  const controlPlane = await ControlPlane.start({ keep, progress: terminal.line });
  const state = join(STATE, controlPlane.name);
  const stopAll = async () => {
    await controlPlane.stop();
    rmSync(state, { recursive: true, force: true });
  };
  let istiod: Istiod | undefined;
  let stays = false;
  try {
    interruption.check();
    istiod = await Istiod.follow(controlPlane);
    const client = await controlPlane.connect();
    const lifecycle = await Lifecycle.begin({
      client,
      env: controlPlane.env(),
      state,
      home: join(STATE, 'home'),
      charts: { first: older.charts, second: controlPlane.programs.istioCharts },
    });
    const stop = (updating: number | undefined) => {
      if (updating === undefined) {
        // Without a cluster, whatever is under way ends.
        void controlPlane.stop();
      } else {
        killTree(updating);
      }
    };
    const steps = await showLifecycle(lifecycle, audience, { stop, keep });
    client.close();
    stays = keep;
    return { steps, farewell: keep ? farewell(controlPlane, lifecycle, state) : [] };
  } catch (error) {
    throw istiod?.failure === undefined ? error : new Error(`${messageOf(error)}\n${istiod.failure.message}`);
  } finally {
    if (stays) {
      istiod?.leave();
    } else {
      await istiod?.unfollow();
      await stopAll();
    }
  }
}

function farewell(controlPlane: ControlPlane, { workspace, stack }: Lifecycle, state: string): string[] {
  const { PATH, PULUMI_HOME, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE } = workspace.env;
  const own = (PATH ?? '').slice(0, -(process.env.PATH ?? '').length);
  const quoted = (value = '') => `'${value.replaceAll(`'`, `'\\''`)}'`;
  return [
    'The control plane keeps running, with Istio installed: `pulumi destroy` was skipped. To look around:',
    '',
    `export KUBECONFIG=${controlPlane.kubeconfig}`,
    '',
    'To run Pulumi on it, and helm, in this directory:',
    '',
    `export PATH=${quoted(own)}"$PATH"`,
    `export PULUMI_HOME=${quoted(PULUMI_HOME)} PULUMI_BACKEND_URL=${quoted(PULUMI_BACKEND_URL)}`,
    `export PULUMI_CONFIG_PASSPHRASE=${quoted(PULUMI_CONFIG_PASSPHRASE)}`,
    `pulumi up --stack ${stack.name} --config-file ${quoted(stack.configuration)}`,
    '',
    'Sidecars are injected as before. New pods of istiod itself do not become ready, because nothing follows its',
    'Deployment any more: a change to its version or resources has to wait for the next `npm start`.',
    '',
    'To stop it and remove its files:',
    '',
    `test/control-plane/watchdog.sh ${controlPlane.directory} </dev/null; rm -r ${quoted(state)}`,
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
