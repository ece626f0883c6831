const transform = { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }] };

const moduleNameMapper = {
  '^istio-module$': '<rootDir>/lib/index.ts',
  '^istio-module/(pulumi|engine)$': '<rootDir>/lib/$1/index.ts',
  // What is imported when it is needed is named as it will be when it is compiled.
  '^(\\.{1,2}/.*)\\.js$': '$1',
};

/** @type {import('jest').Config} */
module.exports = {
  testSequencer: '<rootDir>/test/longest-first.mjs',
  projects: [
    {
      displayName: 'unit',
      transform,
      moduleNameMapper,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '\\.(e2e|soak)\\.test\\.ts$'],
    },
    {
      displayName: 'e2e',
      transform,
      moduleNameMapper,
      testMatch: ['<rootDir>/test/**/*.e2e.test.ts'],
      globalSetup: '<rootDir>/test/control-plane/jest-global-setup.ts',
    },
    {
      // They take long, and the machine for themselves.
      displayName: 'soak',
      transform,
      moduleNameMapper,
      testMatch: ['<rootDir>/test/**/*.soak.test.ts'],
      globalSetup: '<rootDir>/test/control-plane/jest-global-setup.ts',
    },
  ],
};
