import { App, Chart } from 'cdk8s';
import { WARNED_INPUTS } from './warned-inputs';
import { warningsOf } from './warnings-of';

function warningsAbout(fill: (chart: Chart) => unknown): string[] {
  const app = new App();
  fill(new Chart(app, 'mesh'));
  return warningsOf(() => app.synthYaml());
}

describe('what is rarely meant is a warning, and what it advises is none:', () => {
  test.each(WARNED_INPUTS)('%s', (_, fill, warning, advised) => {
    expect(warningsAbout(fill)).toEqual([`warning: ${warning}`]);
    expect(warningsAbout(advised)).toEqual([]);
  });
});
