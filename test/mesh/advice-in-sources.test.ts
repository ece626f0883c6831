import { adviceInSources } from './advice-in-sources';
import { ADVISED_INPUTS } from './advised-inputs';
import { ADVICE } from './checks/advice';
import { WARNED_INPUTS } from './warned-inputs';
import { MENDED_INPUTS } from './wrong-inputs/mended-inputs';

/** Advice about what a row cannot contain: another tree of constructs, and charts on disk. */
const NOT_APPLIED: readonly string[] = [
  "give the directory that contains Istio's charts",
  'make them siblings',
  'there, or give another directory',
  'use a newer version, or leave the prop out',
  "write new Chart(new App(), '",
];

test('every piece of advice in a message of lib/mesh is applied by a row of a table, or listed as not', () => {
  const applied = [
    ...ADVISED_INPUTS.map(({ advice }) => advice),
    ...ADVICE.map(([, , message]) => message),
    ...WARNED_INPUTS.map(([, , message]) => message),
    ...Object.values(MENDED_INPUTS).map(([advice]) => advice),
  ];
  const all = adviceInSources();
  expect(all.length).toBeGreaterThan(300);
  const left = all.filter((one) => !applied.some((text) => text.includes(one)));
  expect(left).toEqual([...NOT_APPLIED].sort());
});
