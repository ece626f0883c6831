import { linePath } from '../../../lib/cli/graph/line-path';

const at = (x: number, y: number) => ({ x, y });

describe('linePath', () => {
  test('is straight between two points', () => {
    expect(linePath([at(0, 0), at(30.26, 0)])).toBe('M0,0L30.3,0');
  });

  test('rounds bends', () => {
    expect(linePath([at(0, 0), at(20, 0), at(20, 40), at(60, 40)])).toBe('M0,0L14,0Q20,0 20,6L20,34Q20,40 26,40L60,40');
  });

  test('rounds bends no more than the room allows', () => {
    expect(linePath([at(0, 0), at(20, 0), at(20, 4), at(40, 4)])).toBe('M0,0L18,0Q20,0 20,2L20,2Q20,4 22,4L40,4');
    expect(linePath([at(0, 0), at(20, 0), at(20, 0), at(40, 0)])).toBe('M0,0L20,0Q20,0 20,0L20,0Q20,0 20,0L40,0');
  });
});
