#!/usr/bin/env node
import { cleanText } from '../engine/cluster/clean-text';
import { ExitCode } from './exit-code';
import { main } from './main';
import { Terminal } from './terminal';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader may close the pipe early, as in `istio-module plan | head`.
  if (error.code === 'EPIPE') {
    process.exit();
  }
  process.stderr.write(cleanText(`error: The output cannot be written: ${error.message}.\n`));
  process.exit(ExitCode.ERROR);
});
// Progress output may get lost. The result must not.
process.stderr.on('error', () => undefined);

void main(process.argv.slice(2), new Terminal(process)).then((code) => {
  process.exitCode = code;
});
