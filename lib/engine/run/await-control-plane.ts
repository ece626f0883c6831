import type { ApiOptions } from '../cluster/api';
import { withCluster } from '../cluster/with-cluster';
import { InjectorAlone } from '../injector/injector-alone';
import { readInjectionWebhooks } from '../istio/control-planes';
import { awaitInjector, type IsUsed } from './await-injector';
import { handOn } from './hand-on';
import { checkOptions, type RestartOptions } from './restart-options';

/** Options of {@link awaitControlPlane}. */
export interface ControlPlaneWait extends Pick<RestartOptions, keyof ApiOptions | 'injector' | 'onEvent'> {
  /**
   * Names of the MutatingWebhookConfigurations whose control planes to wait for. The wait is for all control planes if
   * no existing configuration among them contains an injection webhook.
   *
   * @default - all control planes of the cluster
   */
  readonly injectors?: readonly string[];
}

/**
 * Waits until the control plane is rolled out and its injector uses its current configuration.
 *
 * @throws RestartError
 */
export async function awaitControlPlane(options: ControlPlaneWait = {}): Promise<void> {
  checkOptions(options);
  const { injector, injectors = [] } = options;
  const isNamed: IsUsed = ({ configuration }) => injectors.includes(configuration);
  await withCluster(options, async (api) => {
    const isAnyNamed = injectors.length > 0 && (await readInjectionWebhooks(api)).some(isNamed);
    await awaitInjector(api, {
      wait: injector,
      onEvent: handOn(options),
      alone: new InjectorAlone(api),
      ...(isAnyNamed ? { isUsed: isNamed } : {}),
    });
  });
}
