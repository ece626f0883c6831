import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderPlot, type Plot } from './plot';
import { renderResults, type PartResults } from './results';

/** The parts of the benchmark, in the order in which the results show them. */
export const PARTS = ['planning', 'command', 'rolling', 'watching', 'start-up', 'synthesis'] as const;
export type Part = (typeof PARTS)[number];

export interface KeptResults extends PartResults {
  readonly part: Part;
  readonly plot?: Plot;
}

/** Replaces what was known of this part, in the folder results, and writes the document and the plot anew. */
export async function keepResults(results: KeptResults, directory = __dirname): Promise<void> {
  const fileOf = (part: Part) => join(directory, 'results', `${part}.json`);
  mkdirSync(join(directory, 'results'), { recursive: true });
  await writeFormatted(fileOf(results.part), JSON.stringify(results));
  const parts = PARTS.filter((part) => existsSync(fileOf(part))).map(
    (part) => JSON.parse(readFileSync(fileOf(part), 'utf8')) as KeptResults,
  );
  await writeFormatted(join(directory, 'RESULTS.md'), renderResults(parts));
  if (results.plot) {
    writeFileSync(join(directory, 'plan-cost.svg'), renderPlot(results.plot));
  }
}

async function writeFormatted(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
