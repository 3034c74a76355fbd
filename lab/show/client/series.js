// Draws the charts over time with uPlot: one panel per measure, the chosen variants in each, one cursor for all.
{
  const {
    panels,
    variants,
    endMs = Infinity,
  } = JSON.parse(document.getElementById('series-data').textContent);
  const section = document.getElementById('series');
  section.querySelector('.unscripted').remove();
  const buttons = [...section.querySelectorAll('.chooser button')];
  const probe = section.appendChild(document.createElement('span'));
  probe.hidden = true;
  const heightPx = 150;
  const paddingPx = 17;
  // Width of the y axis, the same in all panels, so that equal times are aligned.
  const axisPx = 66;
  // Tick distances for counts and rates: whole numbers only.
  const wholeSteps = Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((digit) => digit * 10 ** i)).flat();
  let charts = [];

  // Returns a uPlot plugin that shades the phases and faults of the shown variants, and names them above the chart.
  const shadedBands = (shown) => {
    const rowPx = 16;
    const spans = new Map();
    for (const { name, kind, fromMs, untilMs } of shown.flatMap(({ bands }) => bands)) {
      // The times of a fault differ between variants, so its band spans all of them.
      const { fromMs: from, untilMs: until } = spans.get(`${kind} ${name}`) ?? { fromMs, untilMs };
      const span = { name, kind, fromMs: Math.min(from, fromMs), untilMs: Math.max(until, untilMs) };
      spans.set(`${kind} ${name}`, span);
    }
    const rows = Math.min(spans.size, 3);
    const inTime = [...spans.values()].sort((a, b) => a.fromMs - b.fromMs);
    const bands = inTime.map(({ name, kind, fromMs, untilMs }, i) => {
      const band = document.createElement('div');
      const label = document.createElement('span');
      band.className = `band ${kind}`;
      label.className = `band-name ${kind}`;
      label.textContent = name;
      label.style.top = `${((i % rows) - rows) * rowPx}px`;
      return { band, label, fromMs, untilMs };
    });

    const position = (chart) => {
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
      // Cuts off a name where the next name in the same row begins.
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
        draw: position,
      },
    };
  };

  // Returns the colour of a CSS variable. A canvas can't resolve the variable, so an element does.
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };

  const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
  const precise = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  const seconds = (ms) => `${Number((ms / 1000).toFixed(3))} s`;

  const chosen = () => {
    if (buttons.length === 0) return variants;
    const pressed = buttons.filter((button) => button.getAttribute('aria-pressed') === 'true');
    return variants.filter(({ index }) => pressed.some((button) => Number(button.dataset.variant) === index));
  };

  // Merges the samples of the variants into one table with a common time column, since their sample times and ends
  // differ.
  const columnsOf = (shown, column, behind) => {
    const empty = ({ tMs }) => tMs.map(() => null);
    const [first] = shown;
    const background = behind ? [[first.series.tMs, first.series[behind] ?? empty(first.series)]] : [];
    const own = shown.map(({ series }) => [series.tMs, series[column] ?? empty(series)]);
    const [t, ...columns] = uPlot.join([...background, ...own]);
    const measured = (_, i) => i < background.length || shown[i - background.length].series[column];
    return [t, ...columns.filter(measured)];
  };

  // Finds values between two gaps: they have no line, so they need a dot. Undefined values belong to the sample times
  // of other variants.
  const lonely = (chart, series) => {
    const values = chart.data[series];
    const own = [...values.keys()].filter((i) => values[i] !== undefined);
    const isGap = (i) => i === undefined || values[i] === null;
    return own.filter((i, at) => !isGap(i) && isGap(own[at - 1]) && isGap(own[at + 1]));
  };

  const axis = (values, size) => ({
    stroke: () => colour('muted'),
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
    size,
    values,
  });

  const optionsOf = ({ behind, states }, shown, width) => {
    const name = (value) => (value == null ? '–' : states ? states[value] : precise.format(value));
    const line = ({ letter, colour: own, dash }) => ({
      label: letter,
      stroke: () => colour(own),
      width: 2,
      dash: dash === '' ? [] : dash.split(' ').map(Number),
      points: { show: false, filter: lonely },
      spanGaps: false,
      paths: states ? uPlot.paths.stepped({ align: 1 }) : undefined,
      value: (_, value) => name(value),
    });
    const area = {
      label: 'offered',
      stroke: () => colour('area-line'),
      fill: () => colour('area'),
      points: { show: false },
      value: (_, value) => name(value),
    };
    const bands = shadedBands(shown);
    return {
      width,
      height: heightPx + bands.abovePx,
      padding: [paddingPx + bands.abovePx, null, null, null],
      plugins: [bands],
      scales: {
        x: { time: false },
        y: { range: states ? [-0.1, 2.1] : (_, _min, max) => [0, Math.max(1, max * 1.05)] },
      },
      cursor: {
        sync: { key: 'time' },
        points: { size: 7 },
        focus: { prox: 24 },
        hover: { skip: [undefined, null], prox: 24 },
      },
      focus: { alpha: 0.35 },
      axes: [
        axis((_, ticks) => ticks.map(seconds), 28),
        {
          ...axis(
            (_, ticks) => ticks.map((tick) => (states ? (states[tick] ?? '') : compact.format(tick))),
            axisPx,
          ),
          ...(states ? { splits: [0, 1, 2] } : { incrs: wholeSteps }),
        },
      ],
      series: [
        { label: 'at', value: (_, value) => (value == null ? '–' : seconds(value)) },
        ...(behind ? [area] : []),
        ...shown.map(line),
      ],
    };
  };

  // Sets the text that a screen reader says instead of the chart. The reader then reads the legend below the chart as a
  // table.
  const describe = (picture, { column, title }, shown) => {
    const lines = shown.map(({ letter, name, spoken }) => `${letter}, ${name}: ${spoken[column]}`);
    picture.setAttribute('role', 'img');
    picture.setAttribute('aria-label', `${title}. ${lines.join('. ')}.`);
  };

  const draw = () => {
    for (const chart of charts) chart.destroy();
    const shown = chosen();
    charts = panels.flatMap((panel) => {
      const figure = section.querySelector(`[data-column="${panel.column}"]`);
      const measured = shown.filter(({ series }) => series[panel.column]);
      figure.classList.toggle('empty', measured.length === 0);
      if (measured.length === 0) return [];
      const canvas = figure.querySelector('.canvas');
      const data = columnsOf(shown, panel.column, panel.behind);
      const chart = new uPlot(optionsOf(panel, measured, canvas.clientWidth), data, canvas);
      // Cuts off a long series. A double click shows all of it.
      if (data[0].at(-1) > endMs) chart.setScale('x', { min: 0, max: endMs });
      describe(chart.root.querySelector('.u-wrap'), panel, measured);
      return [chart];
    });
  };

  const resize = () => {
    for (const chart of charts)
      chart.setSize({ width: chart.root.parentNode.clientWidth, height: chart.height });
  };

  // Moves the cursor of the focused chart by one sample when an arrow key is pressed. The other charts follow.
  const step = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const chart = charts.find(({ root }) => event.currentTarget.contains(root));
    if (by === undefined || !chart) return;
    event.preventDefault();
    const times = chart.data[0];
    const index = Math.min(times.length - 1, Math.max(0, (chart.cursor.idx ?? -by) + by));
    for (const each of charts) each.setCursor({ left: each.valToPos(times[index], 'x'), top: 10 });
  };

  const asked = chosenInAddress.get('variants')?.split(',') ?? [];
  const names = variants.some(({ name }) => asked.includes(name)) ? asked : undefined;
  for (const button of buttons) {
    const { name } = variants.find(({ index }) => index === Number(button.dataset.variant));
    if (names) button.setAttribute('aria-pressed', String(names.includes(name)));
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
      chosenInAddress.set(
        'variants',
        chosen()
          .map(({ name }) => name)
          .join(','),
      );
      draw();
    });
  }
  for (const figure of section.querySelectorAll('.panel')) figure.addEventListener('keydown', step);
  new ResizeObserver(resize).observe(section);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  // Prints with light colours, even if the screen shows dark ones.
  const paper = (on) => () => {
    document.documentElement.classList.toggle('paper', on);
    draw();
  };
  addEventListener('beforeprint', paper(true));
  addEventListener('afterprint', paper(false));
  draw();
}
