import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { renderPlot, type Plot } from './plot';
import { renderResults, type PartResults } from './results';

/** The parts of the benchmark, in the order in which the results show them. */
export const PARTS = ['planning', 'command', 'rolling', 'watching', 'start-up', 'synthesis', 'traffic'] as const;
export type Part = (typeof PARTS)[number];

/** The file with the plot of a part, relative to the directory of the results. */
const PLOTS: Partial<Readonly<Record<Part, string>>> = {
  planning: 'plan-cost.svg',
  traffic: '../docs/upgrade-under-load.svg',
};

export interface KeptResults extends PartResults {
  readonly part: Part;
  readonly plot?: Plot;
}

/** Replaces the earlier results of the part in the folder `results`, and writes the document and the plot again. */
export async function keepResults(results: KeptResults, directory = __dirname): Promise<void> {
  const fileOf = (part: Part) => join(directory, 'results', `${part}.json`);
  mkdirSync(join(directory, 'results'), { recursive: true });
  await writeFormatted(fileOf(results.part), JSON.stringify(results));
  const parts = PARTS.filter((part) => existsSync(fileOf(part))).map(
    (part) => JSON.parse(readFileSync(fileOf(part), 'utf8')) as KeptResults,
  );
  await writeFormatted(join(directory, 'RESULTS.md'), renderResults(parts));
  const plot = PLOTS[results.part];
  if (results.plot && plot !== undefined) {
    writeFileSync(join(directory, plot), renderPlot(results.plot));
  }
}

async function writeFormatted(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}
