import { nameOf } from '../../engine/plan/plan';
import { printable } from '../output/printable';

/** A workload's name as a line shows it: one of a server that is none of Kubernetes may be any text. */
export function shownName(workload: Parameters<typeof nameOf>[0]): string {
  return printable(nameOf(workload));
}
