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
const path = {
  selector: 'TemplateElement[tail=false][value.raw=/^.apis?(.|$)|.namespaces.$/]',
  message: 'Build paths of the Kubernetes API with apiPath.',
};
const importing = { selector: 'ImportExpression', message: 'Load it with require, as commands.ts explains.' };
const syntax = (files, ignores, ...refused) => ({
  files,
  ignores,
  rules: { 'no-restricted-syntax': ['error', ...refused] },
});

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '.pulumi-state/'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { project: './tsconfig.json' } } },
  {
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-require-imports': [
        'error',
        { allow: ['/package\\.json$', '/\\w+-command$', '/(run|draw)-\\w+$'] },
      ],
      '@typescript-eslint/prefer-nullish-coalescing': [
        'error',
        // An empty text and 0 stand for what is not set, and `||` of booleans is logic.
        { ignorePrimitives: { string: true, number: true, boolean: true } },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // What makes the objects of a class, as Duration.seconds does, needs no `this`.
      '@typescript-eslint/unbound-method': ['error', { ignoreStatic: true }],
      // Contradicts no-non-null-assertion.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Some values are not what their types say: without a terminal, isTTY is undefined.
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      // Unlike a method of strings, a RegExp takes what has no name in somebody's manifest.
      '@typescript-eslint/prefer-string-starts-ends-with': 'off',
      // An async function turns what it throws into a rejection, whether it awaits something or not.
      '@typescript-eslint/require-await': 'off',
      // Who reads from an API names the type of what it answers.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['test/**'],
    rules: {
      // Tests pass what the types refuse.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
    },
  },
  {
    // Where a line with @ts-expect-error calls what does not exist, nothing has a type.
    files: ['test/types/**', 'test/mesh/wrong-inputs/**'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    // Its enums name numbers: bytes, and counts of brackets.
    files: ['lib/engine/cluster/list-items.ts'],
    rules: { '@typescript-eslint/no-unsafe-enum-comparison': 'off' },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  syntax(['lib/**'], ['lib/mesh/**'], path),
  syntax(['lib/cli/commands.ts', 'lib/cli/**/*-command.ts'], [], path, importing),
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
