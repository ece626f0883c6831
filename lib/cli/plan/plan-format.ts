/** Values of `-o`. By default, a plan is a table. */
export const PLAN_FORMATS = ['wide', 'json', 'yaml', 'markdown', 'name'] as const;

export type PlanFormat = (typeof PLAN_FORMATS)[number];
