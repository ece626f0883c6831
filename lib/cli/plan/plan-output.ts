import type { RestartPlan } from '../../engine/plan/plan';
import { asJson } from '../output/as-json';
import { asYaml } from '../output/as-yaml';
import { printable } from '../output/printable';
import type { PlanFormat } from './plan-format';
import { planMarkdown } from './plan-markdown';
import { planTable, type PlanTableOptions } from './plan-table';
import { resourceOf, workOf } from './plan-view';

/** The lines of a plan in the format. Formats for people contain no control characters. */
export async function planOutput(
  plan: RestartPlan,
  format: PlanFormat | undefined,
  options: Omit<PlanTableOptions, 'isWide'>,
): Promise<readonly string[]> {
  switch (format) {
    case 'json':
      return [asJson(plan)];
    case 'yaml':
      return [await asYaml(plan)];
    case 'markdown':
      return planMarkdown(printable(plan), options.selection);
    case 'name':
      return workOf(printable(plan)).map(resourceOf);
    default:
      return planTable(printable(plan), { ...options, isWide: format === 'wide' });
  }
}
