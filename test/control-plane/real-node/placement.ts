/** Label and taint of real nodes. */
const realNode = 'control-plane.test/node';

/** Labels of a real node. */
export const realNodeLabels: Readonly<Record<string, string>> = { [realNode]: 'real' };

/** Keeps away pods that do not ask for a real node, such as those that kwok simulates. */
export const realNodeTaint = { key: realNode, value: 'real', effect: 'NoSchedule' } as const;

/** What a pod's spec, or a chart's values, need so that the pod runs on a real node. */
export const realNodePlacement = {
  nodeSelector: realNodeLabels,
  tolerations: [{ key: realNodeTaint.key, operator: 'Exists', effect: realNodeTaint.effect }],
} as const;
