/**
 * Refuses to go on without packages that a part of this one is built on, and that are installed beside it.
 *
 * @throws Error of one sentence that says how to install those that are missing
 */
export function requirePackages(part: string, names: readonly string[]): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length > 0) {
    const error = new Error(`${part} needs ${missing.join(', ')}: run npm install ${missing.join(' ')}.`);
    // Where in the package it was noticed is of no use to anybody.
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
