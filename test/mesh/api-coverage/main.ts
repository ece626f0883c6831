import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IstioValidation } from '../istio-validation';
import { share } from './coverage-report';
import { measure } from './measure';

async function main(): Promise<void> {
  const page = join(__dirname, '..', '..', '..', 'docs', 'coverage.md');
  const istio = await IstioValidation.start();
  try {
    const measured = await measure(istio, page);
    writeFileSync(page, measured.page);
    process.stdout.write(`${share(measured.coverage).toFixed(1)} % of the objects are written; see docs/coverage.md\n`);
  } finally {
    istio.stop();
  }
}

void main();
