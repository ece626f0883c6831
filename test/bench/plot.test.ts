import { renderPlot, ticks } from '../../bench/plot';

describe('the ticks of an axis', () => {
  it.each([
    [4.2, [0, 1, 2, 3, 4, 5]],
    [37, [0, 10, 20, 30, 40]],
    [0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [100, [0, 20, 40, 60, 80, 100]],
  ])('up to %d are %j', (largest, expected) => {
    expect(ticks(largest)).toEqual(expected);
  });
});

describe('a plot', () => {
  const svg = renderPlot({
    title: 'Cost & size',
    xLabel: 'workloads',
    yLabel: 'seconds',
    series: [
      {
        name: 'plan < floor',
        colour: 'first',
        points: [
          { x: 100, values: [1, 2, 3] },
          { x: 1_000, values: [10] },
        ],
      },
    ],
  });

  it('draws a line through the medians, to scale', () => {
    // The x-axis maps 0 to 1,000 to 64 to 696, and the y-axis maps 0 to 10 to 344 up to 48.
    expect(svg).toContain('<path class="line first" d="M127.2 284.8L696.0 48.0"/>');
  });

  it('draws from the least to the most of each point', () => {
    expect(svg).toContain('d="M127.2 314.4V255.2"/>');
  });

  it('loads nothing from other files, and has colours for dark pages', () => {
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|<script|href=/);
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
  });

  it('escapes markup in texts', () => {
    expect(svg).toContain('>Cost &amp; size</text>');
    expect(svg).toContain('>plan &lt; floor</text>');
  });
});
