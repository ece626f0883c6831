/** What the types of restarts accept, and what they refuse; compiled by `npm run types`, and never run. */
import type { Chart } from 'cdk8s';
import { MeshDeployment, type MeshDeploymentArgs } from 'istio-module/pulumi';
import type { RestartError } from 'istio-module/engine';
import {
  restartWorkloads,
  type Decision,
  type Reason,
  type RestartErrorCode,
  type RestartOptions,
  type RestartReport,
  type SkipReason,
  type WarningReason,
  type WorkloadPlan,
} from 'istio-module/engine';
import type { Holds, IsReadonly, Same } from './claims';

export const accepted: readonly RestartOptions[] = [
  {},
  { context: 'staging', namespaces: ['shop'], maxConcurrent: 5, onFailure: 'continue', timeoutSeconds: 60 },
  { signal: new AbortController().signal, injector: { probes: 1 }, onEvent: ({ type }) => type.length },
];

export const refused: readonly RestartOptions[] = [
  // @ts-expect-error after a failure, a run stops or continues
  { onFailure: 'retry' },
  // @ts-expect-error seconds are a number
  { timeoutSeconds: '60s' },
  // @ts-expect-error namespaces are a list, even a single one
  { namespaces: 'shop' },
  // @ts-expect-error a misspelt option
  { maxConcurent: 5 },
];

export function acceptedDeployment(chart: Chart): MeshDeployment {
  return new MeshDeployment('mesh', { chart, restart: { onFailure: 'stop' } });
}

export function refusedDeployments(chart: Chart): void {
  // @ts-expect-error there is nothing to deploy
  new MeshDeployment('nothing', {});
  // @ts-expect-error the function for the chart returns it
  new MeshDeployment('no-chart', { chart: () => undefined });
  // @ts-expect-error progress is logged by Pulumi, in a process of its own
  new MeshDeployment('progress', { chart, restart: { onEvent: () => undefined } });
}

export async function readonlyReport(): Promise<void> {
  const report = await restartWorkloads();
  // @ts-expect-error a report is read-only
  report.rounds = 0;
  // @ts-expect-error and so are its lists
  report.restarted.push({ namespace: 'shop', kind: 'Deployment', name: 'cart', message: '', differences: [] });
}

/** Every decision is known, so that a switch over them needs no default. */
export function exhaustive(decision: Decision): boolean {
  switch (decision) {
    case 'restart':
    case 'update':
    case 'wait':
      return true;
    case 'current':
    case 'warn':
    case 'skip':
    case 'deferred':
    case 'undetermined':
      return false;
  }
}

// @ts-expect-error a code that no error has
export const unknownCode = (error: RestartError): boolean => error.code === 'Unknown';

export type Claims = [
  Holds<IsReadonly<RestartOptions>>,
  Holds<IsReadonly<RestartReport>>,
  Holds<IsReadonly<WorkloadPlan>>,
  Holds<IsReadonly<MeshDeploymentArgs>>,
  Holds<Same<RestartError['code'], RestartErrorCode>>,
  Holds<Same<RestartReport['schemaVersion'], 1>>,
  Holds<
    Same<
      Exclude<Reason, WarningReason | SkipReason>,
      | 'OutOfDate'
      | 'RollingOut'
      | 'UpToDate'
      | 'OutsideWindow'
      | 'Interrupts'
      | 'DryRunDenied'
      | 'DryRunNotGranted'
      | 'MalformedRecord'
      | 'NoInjector'
      | 'RestartWithoutEffect'
    >
  >,
];
