#!/usr/bin/env node
import { ExitCode } from './exit-code';
import { main } from './main';
import { Terminal } from './terminal';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads the output may have seen enough: `istio-module plan | head`.
  if (error.code === 'EPIPE') {
    process.exit();
  }
  process.stderr.write(`error: The output cannot be written: ${error.message}.\n`);
  process.exit(ExitCode.ERROR);
});
// What is told about the work may be lost; what comes of it may not.
process.stderr.on('error', () => undefined);

void main(process.argv.slice(2), new Terminal(process)).then((code) => {
  process.exitCode = code;
});
