import type { StringMap } from '../cluster/objects';

/** The labels of objects that Istio's charts and operator install. `undefined` stands for any value. */
const INSTALLATION_LABELS: Readonly<Record<string, string | undefined>> = {
  'app.kubernetes.io/part-of': 'istio',
  'install.operator.istio.io/owning-resource': undefined,
  'operator.istio.io/component': undefined,
};

/** Whether an object with these labels is part of an installation of Istio. */
export function isInstalled(labels: StringMap): boolean {
  return Object.entries(INSTALLATION_LABELS).some(([label, value]) =>
    value === undefined ? labels[label] !== undefined : labels[label] === value,
  );
}
