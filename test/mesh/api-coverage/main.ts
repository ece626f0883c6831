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
    const [ofIstio, ofGatewayApi] = [measured.coverage, measured.gatewayApi].map((one) => share(one).toFixed(1));
    process.stdout.write(
      `${ofIstio ?? ''} % of Istio's objects are written, and ${ofGatewayApi ?? ''} % of the Gateway API's; see docs/coverage.md\n`,
    );
  } finally {
    istio.stop();
  }
}

void main();
