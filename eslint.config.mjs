import tseslint from 'typescript-eslint';

const pulumi = { group: ['@pulumi/*'], message: 'Only lib/pulumi and stacks know Pulumi.' };
const cdk8s = {
  group: ['cdk8s', 'cdk8s-plus-*', 'constructs'],
  message: 'The restart engine and the command line know Kubernetes, not cdk8s.',
};
const cdk8sPlus = {
  group: ['cdk8s-plus-*'],
  message: 'Users choose the version of cdk8s-plus: say with an interface what of its objects is used.',
};
const part = (name) => ({ group: [`**/${name}/**`, `**/${name}`], message: `This part may not import lib/${name}.` });

/** The borders between the parts, as ARCHITECTURE.md states them: one row a part, with what it must not import. */
const borders = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }], 'no-console': 'error' },
});

/** The stages of the engine, each of which may import those before it. */
const STAGES = [
  'cluster',
  'istio',
  'injector',
  'kinds',
  'snapshot',
  'plan',
  'rollout',
  'run',
  'watch',
  'inspect',
  'report',
];

/** No stage imports a later one; rules of one name replace each other, so that the borders of the part come along. */
const stages = (...patterns) =>
  STAGES.map((stage, index) =>
    borders([`lib/engine/${stage}/**`], ...patterns, {
      regex: `^(\\.\\./)+(${[...STAGES.slice(index + 1), 'index'].join('|')})(/|$)`,
      message: `The stage ${stage} comes before this one.`,
    }),
  );

const engine = [pulumi, cdk8s, part('mesh'), part('pulumi'), part('cli')];

/** A path with a name in it has one place that checks and encodes the name. */
const paths = {
  files: ['lib/**'],
  ignores: ['lib/mesh/**'],
  rules: {
    'no-restricted-syntax': [
      'error',
      {
        selector: 'TemplateElement[tail=false][value.raw=/^.apis?(.|$)|.namespaces.$/]',
        message: 'Build paths of the Kubernetes API with apiPath.',
      },
    ],
  },
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.pulumi-state/'] },
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-require-imports': ['error', { allow: ['/package\\.json$'] }],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  paths,
  borders(['lib/index.ts'], pulumi, cdk8sPlus, part('engine'), part('pulumi'), part('cli')),
  borders(['lib/mesh/**'], pulumi, cdk8sPlus, part('engine'), part('pulumi'), part('cli'), {
    group: ['@kubernetes/*', 'node:http', 'node:https', 'node:net'],
    message: 'The constructs do no cluster I/O.',
  }),
  borders(['lib/engine/*.ts'], ...engine),
  ...stages(...engine),
  borders(['lib/pulumi/**'], cdk8sPlus, part('cli')),
  borders(['lib/cli/**'], pulumi, cdk8s, part('pulumi'), {
    regex: '/mesh/(?!host-matching$|checks/spec-fields$)',
    message: 'The command line shares with the constructs what knows nothing of cdk8s.',
  }),
);
