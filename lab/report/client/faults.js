// Shades the faults in a chart over time and names them above it: a plugin of uPlot's, for the variants that are shown.
globalThis.faultBands = (shown) => {
  const rowPx = 16;
  const spans = new Map();
  for (const { name, fromMs, untilMs } of shown.flatMap(({ faults }) => faults)) {
    // Each variant was broken at times of its own: from the first to the last of them.
    const [from, to] = spans.get(name) ?? [fromMs, untilMs];
    spans.set(name, [Math.min(from, fromMs), Math.max(to, untilMs)]);
  }
  const rows = Math.min(spans.size, 3);
  const inTime = [...spans].sort(([, [a]], [, [b]]) => a - b);
  const bands = inTime.map(([name, [fromMs, untilMs]], i) => {
    const band = document.createElement('div');
    const label = document.createElement('span');
    band.className = 'fault';
    label.className = 'fault-name';
    label.textContent = name;
    label.style.top = `${((i % rows) - rows) * rowPx}px`;
    return { band, label, fromMs, untilMs };
  });

  const place = (chart) => {
    const width = chart.over.clientWidth;
    const at = (ms) => Math.min(width, Math.max(0, chart.valToPos(ms, 'x')));
    const { min, max } = chart.scales.x;
    for (const { band, label, fromMs, untilMs } of bands) {
      band.hidden = label.hidden = untilMs < min || fromMs > max;
      band.style.left = `${at(fromMs)}px`;
      band.style.width = `${at(untilMs) - at(fromMs)}px`;
      label.style.maxWidth = '';
      label.style.left = `${Math.max(0, Math.min(at(fromMs), width - label.offsetWidth))}px`;
    }
    // A name ends where the next one in its row begins.
    bands.forEach(({ label }, i) => {
      const next = bands[i + rows]?.label;
      if (next && !next.hidden) label.style.maxWidth = `${next.offsetLeft - label.offsetLeft - 4}px`;
    });
  };

  return {
    abovePx: rows * rowPx,
    hooks: {
      init: (chart) => {
        chart.under.append(...bands.map(({ band }) => band));
        chart.over.append(...bands.map(({ label }) => label));
      },
      draw: place,
    },
  };
};
