/** What `npm run api:update` runs: it overwrites the committed reports with today's. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiReports, PROJECT } from './api-reports';

for (const { file, text, problems } of apiReports()) {
  writeFileSync(join(PROJECT, file), text);
  process.stdout.write([file, ...problems.map((problem) => `  ${problem}`), ''].join('\n'));
  if (problems.length > 0) process.exitCode = 1;
}
