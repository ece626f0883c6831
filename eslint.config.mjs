import tseslint from 'typescript-eslint';

const pulumi = { group: ['@pulumi/*'], message: 'Only lib/pulumi and stacks know Pulumi.' };
const cdk8s = {
  group: ['cdk8s', 'cdk8s-plus-27', 'constructs'],
  message: 'The restart engine and the command line know Kubernetes, not cdk8s.',
};
const part = (name) => ({ group: [`**/${name}/**`, `**/${name}`], message: `This part may not import lib/${name}.` });

/** The borders between the parts, as ARCHITECTURE.md states them: one row a part, with what it must not import. */
const borders = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }], 'no-console': 'error' },
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.pulumi-state/'] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  borders(['lib/index.ts'], pulumi, part('restart'), part('pulumi'), part('cli')),
  borders(['lib/mesh/**'], pulumi, part('restart'), part('pulumi'), part('cli'), {
    group: ['@kubernetes/*', 'node:http', 'node:https', 'node:net'],
    message: 'The constructs do no cluster I/O.',
  }),
  borders(['lib/restart/**'], pulumi, cdk8s, part('mesh'), part('pulumi'), part('cli')),
  borders(['lib/pulumi/**'], part('cli')),
  borders(['lib/cli/**'], pulumi, cdk8s, part('mesh'), part('pulumi')),
);
