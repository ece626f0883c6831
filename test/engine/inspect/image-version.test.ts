import { compareVersions, imageVersion } from '../../../lib/engine/inspect/image-version';

describe('the version of an image', () => {
  test.each([
    ['docker.io/istio/proxyv2:1.31.1', '1.31.1'],
    ['docker.io/istio/proxyv2:1.31.1-distroless', '1.31.1'],
    ['docker.io/istio/pilot:v1.31.1', '1.31.1'],
    ['registry.example:5000/proxyv2:1.30.0@sha256:0123abc', '1.30.0'],
    ['registry.example/proxyv2:1.31.0-beta.1-distroless', '1.31.0-beta.1'],
    ['registry.example/proxyv2:1.31.0-rc.0', '1.31.0-rc.0'],
    ['registry.example/proxyv2:1.31-alpha.0f3c', '1.31'],
    ['registry.example/proxyv2:1.31-dev', '1.31'],
    ['registry.example/proxyv2:1.20.3-asm.5', '1.20.3'],
  ])('%s is %s', (image, version) => {
    expect(imageVersion(image)).toBe(version);
  });

  test.each([
    'registry.example/proxyv2:latest',
    'registry.example:5000/proxyv2',
    'registry.example/proxyv2@sha256:0123abc',
    'registry.example/proxyv2:20261124',
    '',
  ])('%s has none', (image) => {
    expect(imageVersion(image)).toBeUndefined();
  });
});

test('versions are ordered by number, and unknown ones come last', () => {
  expect(['1.9.0', '', '1.31.1', '1.10.2'].sort(compareVersions)).toEqual(['1.9.0', '1.10.2', '1.31.1', '']);
});
