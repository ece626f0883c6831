import { programs } from './programs';

/** Builds the local control plane's programs before any test runs, so that no test waits for a build. */
export default async function buildPrograms(): Promise<void> {
  await programs({ progress: (line) => process.stderr.write(`${line}\n`) });
}
