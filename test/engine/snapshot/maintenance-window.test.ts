import { MaintenanceWindow } from '../../../lib/engine/snapshot/maintenance-window';

// 2026-11-24 is a Tuesday.
const opens = (text: string, at: string) =>
  MaintenanceWindow.parse(text)?.opensAt(new Date(at)).toISOString().replace(':00.000Z', 'Z');

describe('a maintenance window', () => {
  test.each([
    ['Sat-Sun 00:00-04:00', '2026-11-24T12:00:00Z', '2026-11-28T00:00Z'],
    ['Sat-Sun 00:00-04:00', '2026-11-28T04:00:00Z', '2026-11-29T00:00Z'],
    ['Sat-Sun 00:00-04:00', '2026-11-28T03:59:00Z', '2026-11-28T03:59Z'],
    ['sat 00:00-04:00', '2026-11-28T04:00:00Z', '2026-12-05T00:00Z'],
    ['22:00-02:00', '2026-11-24T12:00:00Z', '2026-11-24T22:00Z'],
    ['22:00-02:00', '2026-11-25T01:59:00Z', '2026-11-25T01:59Z'],
    ['Sat 22:00-02:00', '2026-11-29T01:00:00Z', '2026-11-29T01:00Z'],
    ['Sat 22:00-02:00', '2026-11-29T02:00:00Z', '2026-12-05T22:00Z'],
    ['Fri-Mon 08:00-09:00', '2026-11-29T08:30:00Z', '2026-11-29T08:30Z'],
    ['Fri-Mon 08:00-09:00', '2026-11-24T08:30:00Z', '2026-11-27T08:00Z'],
    ['Wed 10:00-11:00, Thu 01:00-02:00', '2026-11-25T11:00:00Z', '2026-11-26T01:00Z'],
    ['Tue 00:00-24:00', '2026-11-24T23:59:00Z', '2026-11-24T23:59Z'],
    ['Tue 00:00-00:00', '2026-11-24T23:59:00Z', '2026-11-24T23:59Z'],
  ])('%s, seen at %s, opens at %s', (text, at, expected) => {
    expect(opens(text, at)).toBe(expected);
  });

  test('is open from its start until before its end', () => {
    const window = MaintenanceWindow.parse('Tue 10:00-11:00');
    const isOpen = (time: string) => window?.isOpen(new Date(`2026-11-24T${time}Z`));
    expect(['09:59:59', '10:00:00', '10:59:59', '11:00:00'].map(isOpen)).toEqual([false, true, true, false]);
  });

  test.each([
    '',
    'always',
    'Sat',
    'Sat 0:00-04:00',
    'Sat 00:00-25:00',
    'Sat 24:00-01:00',
    'Sat 00:60-01:00',
    'Sat 00:00-04:00,',
    'Sat 00:00-04:00 Sun 00:00-04:00',
    'Samstag 00:00-04:00',
    'Sat-Xyz 00:00-04:00',
    'Sat 00:00–04:00',
  ])('cannot be written as %p', (text) => {
    expect(MaintenanceWindow.parse(text)).toBeUndefined();
  });
});
