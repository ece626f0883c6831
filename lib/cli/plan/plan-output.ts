import type { RestartPlan } from '../../engine/plan/plan';
import { printable } from '../output/printable';
import type { PlanFormat } from './plan-format';
import { planMarkdown } from './plan-markdown';
import { planTable, type PlanTableOptions } from './plan-table';
import { resourceOf, workOf } from './plan-view';

/** A plan as lines in that format. Programs get it as it is, people without control characters. */
export async function planOutput(
  plan: RestartPlan,
  format: PlanFormat | undefined,
  options: Omit<PlanTableOptions, 'isWide'>,
): Promise<readonly string[]> {
  switch (format) {
    case 'json':
      return [JSON.stringify(plan, null, 2)];
    case 'yaml': {
      const { stringify } = await import('yaml');
      // Texts that YAML 1.1 reads as times or truth values are quoted for its readers, which are many.
      return [stringify(plan, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd()];
    }
    case 'markdown':
      return planMarkdown(printable(plan), options.selection);
    case 'name':
      return workOf(plan).map(resourceOf);
    default:
      return planTable(printable(plan), { ...options, isWide: format === 'wide' });
  }
}
