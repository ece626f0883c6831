#!/usr/bin/env node
import { main } from './main';
import { Terminal } from './terminal';

void main(process.argv.slice(2), new Terminal(process)).then((code) => {
  process.exitCode = code;
});
