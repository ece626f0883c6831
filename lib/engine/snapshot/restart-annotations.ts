import type { StringMap } from '../cluster/objects';
import { MaintenanceWindow } from './maintenance-window';

export const RESTART_ANNOTATION = 'istio-module/restart';
export const WINDOW_ANNOTATION = 'istio-module/window';
export const ORDER_ANNOTATION = 'istio-module/order';

/** The settings for restarts in the annotations of a workload, or of a namespace for all of its workloads. */
export interface RestartSettings {
  /** Whether it is excluded from restarts. */
  readonly excluded: boolean;
  /**
   * When it may be restarted. Undefined for a workload: the window of its namespace applies. Undefined for a namespace:
   * at any time.
   */
  readonly window?: MaintenanceWindow;
  /**
   * The order of restarts; lower ones come first. Undefined for a workload: the order of its namespace. Undefined for a
   * namespace: 0.
   */
  readonly order?: number;
  readonly problems: readonly AnnotationProblem[];
}

/** An annotation with an invalid value, which is ignored. */
export interface AnnotationProblem {
  readonly annotation: string;
  readonly value: string;
  /** Which values are valid. */
  readonly remedy: string;
}

const READERS: Readonly<
  Record<string, { readonly remedy: string; readonly read: (value: string) => Partial<RestartSettings> | undefined }>
> = {
  [RESTART_ANNOTATION]: {
    remedy: "write 'disabled', or remove the annotation",
    read: (value) => (value === 'disabled' ? { excluded: true } : value === 'enabled' ? {} : undefined),
  },
  [WINDOW_ANNOTATION]: {
    remedy: "write days and times in UTC, such as 'Sat-Sun 00:00-04:00'",
    read: (value) => {
      const window = MaintenanceWindow.parse(value);
      return window && { window };
    },
  },
  [ORDER_ANNOTATION]: {
    remedy: "write a whole number, such as '10' or '-1'",
    read: (value) => (/^-?\d{1,9}$/.test(value) ? { order: Number(value) } : undefined),
  },
};

const NONE: RestartSettings = { excluded: false, problems: [] };

/** Parses the annotations of this package. */
export function restartSettings(annotations: StringMap = {}): RestartSettings {
  if (!Object.keys(READERS).some((annotation) => annotation in annotations)) return NONE;
  let settings: Partial<RestartSettings> = {};
  const problems: AnnotationProblem[] = [];
  for (const [annotation, { remedy, read }] of Object.entries(READERS)) {
    const value = annotations[annotation];
    if (value === undefined) continue;
    const said = read(value);
    if (said) settings = { ...settings, ...said };
    else problems.push({ annotation, value, remedy });
  }
  return { excluded: false, ...settings, problems };
}
