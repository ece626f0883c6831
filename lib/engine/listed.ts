const SHOWN = 10;

/** The first names as text, with the number of the others. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${String(names.length - SHOWN)} more` : shown;
}
