const transform = { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }] };

const moduleNameMapper = {
  '^istio-module$': '<rootDir>/lib/index.ts',
  '^istio-module/(pulumi|restart)$': '<rootDir>/lib/$1/index.ts',
};

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      displayName: 'unit',
      transform,
      moduleNameMapper,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '\\.e2e\\.test\\.ts$'],
    },
    {
      displayName: 'e2e',
      transform,
      moduleNameMapper,
      testMatch: ['<rootDir>/test/**/*.e2e.test.ts'],
      globalSetup: '<rootDir>/test/control-plane/jest-global-setup.ts',
    },
  ],
};
