import { join } from 'node:path';
import { programs } from '../test/control-plane/programs';
import { compare, type Side } from './repetitions';

// What users run is the built package, not the sources that tsconfig.json maps its name to.
process.env.TSX_TSCONFIG_PATH = join(__dirname, 'tsconfig.json');

function synthesis(name: string, ...args: readonly string[]): Side {
  return { name, args: ['--import', 'tsx', join(__dirname, 'synthesis.ts'), ...args] };
}

function loading(name: string): Side {
  const program =
    `const start = process.cpuUsage(); require('${name}'); const { user, system } = process.cpuUsage(start);` +
    `JSON.stringify({ milliseconds: (user + system) / 1000, product: 'loaded' })`;
  return { name: `require('${name}')`, args: ['-p', program] };
}

async function main(): Promise<void> {
  compare({
    name: 'Synthesis of 1,000 TrafficPolicies in a MeshNamespace',
    subject: synthesis('policies', 'policies'),
    floor: synthesis('bare ApiObjects', 'objects'),
    target: 1.5,
  });
  const { helm, istioCharts } = await programs();
  compare({
    name: 'The same beside an IstioModule, once that is rendered, for which policies wait',
    subject: synthesis('policies', 'policies', helm, istioCharts),
    floor: synthesis('bare ApiObjects, which wait for nothing', 'objects', helm, istioCharts),
  });
  compare({ name: 'Loading the package', subject: loading('istio-module'), floor: loading('cdk8s') });
}

void main();
