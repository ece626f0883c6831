#!/usr/bin/env node
import { main } from './main';
import { Terminal } from './terminal';

// Whoever reads the output may have seen enough: `istio-module plan | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
  process.exit();
});

void main(process.argv.slice(2), new Terminal(process)).then((code) => {
  process.exitCode = code;
});
