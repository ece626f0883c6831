import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { codeBlocks } from './code-blocks';
import { PROJECT } from './documents';

interface Workflow {
  readonly jobs: { readonly plan: { readonly steps: readonly { readonly run?: string }[] } };
}

/** Records its arguments, and the body that it would send. Asked for comments, it prints $COMMENT_ID. */
const FAKE_GH = `#!/bin/sh
echo "$*" >> calls
case "$*" in
  *--jq*) printf '%s' "$COMMENT_ID" ;;
  *) cat comment.md > sent ;;
esac
`;

/** Prints a plan, and exits as that of \`istio-module plan --detailed-exitcode\` does. */
const FAKE_NPX = `#!/bin/sh
echo '## 2 workloads restart'
exit "$PLAN_CODE"
`;

describe('the workflow that posts a prediction on a pull request', () => {
  const block = codeBlocks(PROJECT, 'docs/command-line.md').find(({ language }) => language === 'yaml');
  const { steps } = (parse(block?.text ?? '') as Workflow).jobs.plan;
  const script = steps.at(-1)?.run ?? '';
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pull-request-'));
    writeFileSync(join(folder, 'gh'), FAKE_GH, { mode: 0o755 });
    writeFileSync(join(folder, 'npx'), FAKE_NPX, { mode: 0o755 });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function post(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
    await promisify(execFile)('bash', ['-e', '-c', script], {
      cwd: folder,
      env: {
        PATH: [folder, process.env.PATH ?? ''].join(delimiter),
        GITHUB_REPOSITORY: 'shop/mesh',
        PULL_REQUEST: '7',
        ...env,
      },
    });
    return readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  }

  test.each([
    ['adds a comment when there is none', '', 'api repos/shop/mesh/issues/7/comments --field body=@comment.md'],
    [
      'updates its comment',
      '42\n43\n',
      'api --method PATCH repos/shop/mesh/issues/comments/42 --field body=@comment.md',
    ],
  ])('%s', async (_, COMMENT_ID, call) => {
    const calls = await post({ COMMENT_ID, PLAN_CODE: '2' });
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatch(/^api --paginate repos\/shop\/mesh\/issues\/7\/comments --jq /);
    expect(calls[1]).toBe(call);
    expect(readFileSync(join(folder, 'sent'), 'utf8')).toBe('<!-- istio-module plan -->\n## 2 workloads restart\n');
  });

  test('fails, and posts nothing, when there is no plan', async () => {
    await expect(post({ COMMENT_ID: '', PLAN_CODE: '1' })).rejects.toMatchObject({ code: 1 });
    expect(() => readFileSync(join(folder, 'calls'))).toThrow('ENOENT');
  });
});
