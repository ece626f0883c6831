import { nameOf } from '../../engine/plan/plan';
import { printable } from '../output/printable';

/** The name of a workload, safe to print: a server other than Kubernetes may return any text. */
export function shownName(workload: Parameters<typeof nameOf>[0]): string {
  return printable(nameOf(workload));
}
