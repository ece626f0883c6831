import { requirePackages } from '../lib/require-packages';

describe('requirePackages', () => {
  test('says in one sentence how to install what is missing', () => {
    expect(() => {
      requirePackages('istio-module', ['cdk8s', 'no-such-package', 'constructs', 'nor-this']);
    }).toThrow(
      expect.objectContaining({
        message:
          'istio-module needs packages that are not installed: no-such-package, nor-this; run npm install no-such-package nor-this.',
        stack:
          'Error: istio-module needs packages that are not installed: no-such-package, nor-this; run npm install no-such-package nor-this.',
      }) as Error,
    );
  });

  test('goes on where everything is there', () => {
    expect(() => {
      requirePackages('istio-module', ['cdk8s', 'constructs']);
    }).not.toThrow();
  });
});
