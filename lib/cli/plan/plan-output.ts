import { printable } from '../output/printable';
import type { PlanTableOptions } from './plan-table';
import { resourceOf, workOf, type ShownPlan } from './plan-view';

/** What `-o` takes; without it, a plan is a table. */
export const PLAN_FORMATS = ['wide', 'json', 'yaml', 'markdown', 'name'] as const;

export type PlanFormat = (typeof PLAN_FORMATS)[number];

/** A plan as lines in that format. Programs get it as it is, people without control characters. */
export async function planOutput(
  plan: ShownPlan,
  format: PlanFormat | undefined,
  options: Omit<PlanTableOptions, 'isWide'>,
): Promise<readonly string[]> {
  switch (format) {
    case 'json':
      return [JSON.stringify(plan, null, 2)];
    case 'yaml': {
      const { stringify } = await import('yaml');
      return [stringify(plan, { aliasDuplicateObjects: false, lineWidth: 0 }).trimEnd()];
    }
    case 'markdown': {
      const { planMarkdown } = await import('./plan-markdown.js');
      return planMarkdown(printable(plan), options.selection);
    }
    case 'name':
      return workOf(plan).map(resourceOf);
    default: {
      const { planTable } = await import('./plan-table.js');
      return planTable(printable(plan), { ...options, isWide: format === 'wide' });
    }
  }
}
