import { RestartError } from '../restart-error';
import type { InjectorAlone } from './injector-alone';

/**
 * The error to report instead of this one: `InjectorUnreachable` if dry runs are not granted, and only a temporary
 * problem keeps the injector from being asked alone; otherwise, this error itself.
 */
export function neitherAsked(error: unknown, alone: InjectorAlone): unknown {
  const [why] = alone.problems;
  return error instanceof RestartError && error.code === 'Forbidden' && why !== undefined && alone.isPassing
    ? new RestartError(
        'InjectorUnreachable',
        `Dry runs are not granted, and the injector cannot be asked alone: ${why}`,
        {
          remedy: 'check that istiod runs and that the API server can reach it, and run again',
          cause: error,
        },
      )
    : error;
}
