import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/**
 * The path of a program, looked up on the PATH of this process, not on the PATH that the program receives.
 *
 * @returns undefined if the program was not found
 */
export function programPath(command: string): string | undefined {
  if (process.platform === 'win32') {
    return command;
  }
  if (command.includes(sep)) {
    return isProgram(command) ? command : undefined;
  }
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
