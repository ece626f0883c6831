import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { CodeBlock } from './code-blocks';

/**
 * The package as TypeScript sees it, with the blocks of its documents as further files of one folder: a block whose
 * first line is a comment with a file name, as `// mesh-chart.ts`, is imported by that name from other blocks.
 */
export class PackageProgram {
  private readonly program: ts.Program;
  private readonly blocks = new Map<string, CodeBlock>();

  constructor(
    private readonly project: string,
    blocks: readonly CodeBlock[],
    readonly sources: readonly string[],
  ) {
    for (const [index, block] of blocks.entries()) {
      const name = /^\/\/ (\S+\.ts)\n/.exec(block.text)?.[1] ?? `block-${String(index)}.ts`;
      const file = join(project, 'documents', name);
      if (this.blocks.has(file)) {
        throw new Error(`${block.document}:${String(block.line)}: there is a block ${name} already`);
      }
      this.blocks.set(file, block);
    }
    const config = ts.getParsedCommandLineOfConfigFile(
      join(project, 'tsconfig.json'),
      { types: ['node'], noEmit: true },
      {
        ...ts.sys,
        onUnRecoverableConfigFileDiagnostic: (problem) => {
          throw new Error(textOf(problem));
        },
      },
    );
    const options = config?.options ?? {};
    const files = [...this.blocks.keys(), ...sources.map((file) => join(project, file))];
    this.program = ts.createProgram(files, options, this.hostOf(options));
  }

  /** The errors that the compiler finds in the blocks: `README.md:12: …`. */
  problems(): string[] {
    return [...this.blocks].flatMap(([file, block]) => {
      const source = this.sourceFile(file);
      const found = [...this.program.getSyntacticDiagnostics(source), ...this.program.getSemanticDiagnostics(source)];
      return found.map((problem) => {
        const { line } = source.getLineAndCharacterOfPosition(problem.start ?? 0);
        return `${block.document}:${String(block.line + line)}: ${textOf(problem)}`;
      });
    });
  }

  /**
   * The strings of a union type that one of the sources exports.
   *
   * @param property for a union of objects: the property that tells them apart
   */
  literals(file: string, type: string, property?: string): string[] {
    const checker = this.program.getTypeChecker();
    const source = this.sourceFile(join(this.project, file));
    const declaration = source.statements.filter(ts.isTypeAliasDeclaration).find(({ name }) => name.text === type);
    if (!declaration) {
      throw new Error(`${file} declares no type ${type}`);
    }
    const declared = checker.getTypeAtLocation(declaration);
    const members = declared.isUnion() ? declared.types : [declared];
    return members.map((member) => {
      const symbol = property === undefined ? undefined : checker.getPropertyOfType(member, property);
      const one = symbol ? checker.getTypeOfSymbol(symbol) : member;
      if (!one.isStringLiteral()) {
        throw new Error(`${type} of ${file} is no union of strings: ${checker.typeToString(one)}`);
      }
      return one.value;
    });
  }

  private sourceFile(file: string): ts.SourceFile {
    const source = this.program.getSourceFile(file);
    if (!source) {
      throw new Error(`${file} is not part of the program`);
    }
    return source;
  }

  private hostOf(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    const folders = new Set([...this.blocks.keys()].map(dirname));
    const textIn = (file: string) => this.blocks.get(file)?.text;
    return {
      ...host,
      fileExists: (file) => this.blocks.has(file) || host.fileExists(file),
      readFile: (file) => textIn(file) ?? host.readFile(file),
      directoryExists: (folder) => folders.has(folder) || ts.sys.directoryExists(folder),
      getSourceFile: (file, languageVersion, ...rest) => {
        const text = textIn(file);
        return text === undefined
          ? host.getSourceFile(file, languageVersion, ...rest)
          : ts.createSourceFile(file, text, languageVersion);
      },
    };
  }
}

function textOf({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, ' ');
}
