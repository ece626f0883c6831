/**
 * Checks that the peer dependencies of a part of this package are installed.
 *
 * @throws Error that names the missing packages and the command that installs them
 */
export function requirePackages(part: string, names: readonly string[]): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    const error = new Error(
      `${part} needs packages that are not installed: ${missing.join(', ')}; run npm install ${missing.join(' ')}.`,
    );
    // A stack trace within this package would not help.
    error.stack = `Error: ${error.message}`;
    throw error;
  }
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}
