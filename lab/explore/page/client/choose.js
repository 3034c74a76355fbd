// Shows the chosen figure of a sweep: fills the map, or shows the chart of that figure.
{
  const data = JSON.parse(document.getElementById('sweep-data').textContent);
  const section = document.getElementById('map');
  const [figure, variant] = section.querySelectorAll('.choices select');
  const map = section.querySelector('.heat svg');
  const output = section.querySelector('output');
  const top = section.querySelector('[data-top]');
  const place = { column: 0, row: 0 };

  const chosenFigure = () => data.figures[figure.selectedIndex];
  // A figure of the whole experiment has no variants.
  const values = () => chosenFigure().of[variant.selectedIndex] ?? chosenFigure().of[0];
  const indexOf = ({ column, row }) => column * data.paths[1].values.length + row;

  const describe = () => {
    const index = indexOf(place);
    const indices = [place.column, place.row];
    const where = data.paths.map(({ path, values: own }, i) => `${path} ${own[indices[i]]}`).join(', ');
    const cell = values().cells[index];
    const [valid, seeds, problem] = data.counts[index];
    const invalid =
      valid < seeds ? `; ${seeds - valid} of ${seeds} simulations have no valid result: ${problem}` : '';
    output.textContent = `${where}: ${cell ? cell[2] : 'not known'}${invalid}`;
  };

  const move = (column, row) => {
    place.column = Math.min(data.paths[0].values.length - 1, Math.max(0, column));
    place.row = Math.min(data.paths[1].values.length - 1, Math.max(0, row));
    const cell = map.querySelector(`[data-column="${place.column}"][data-row="${place.row}"] rect`);
    const cursor = map.querySelector('[data-cursor]');
    for (const side of ['x', 'y']) cursor.setAttribute(side, cell.getAttribute(side));
    describe();
  };

  const fill = () => {
    const { cells, boundary } = values();
    for (const group of map.querySelectorAll('[data-column]')) {
      const index = indexOf({ column: Number(group.dataset.column), row: Number(group.dataset.row) });
      const cell = cells[index];
      const share = cell?.[0] ?? 0;
      group.classList.toggle('unknown', !cell);
      group.classList.toggle('strong', share > 0.6);
      group.style.setProperty('--share', `${100 * share}%`);
      const text = group.querySelector('text');
      if (text) text.textContent = cell ? cell[1] : '–';
    }
    // Hides the texts if one is wider than its cell, since it would cover others.
    const texts = [...map.querySelectorAll('.figures text')];
    const widest = Math.max(...texts.map((text) => text.getBoundingClientRect().width));
    map.classList.toggle('narrow', widest > map.querySelector('.cells rect').getBoundingClientRect().width);
    for (const path of map.querySelectorAll('[data-boundary]')) path.setAttribute('d', boundary);
    top.textContent = chosenFigure().top;
    section.querySelector('.scale').classList.toggle('reversed', chosenFigure().isBetterHigh);
    describe();
  };

  const show = () => {
    variant.disabled = chosenFigure().of.length < data.variants.length;
    variant.parentNode.hidden = variant.disabled || (map && data.variants.length === 1);
    if (map) return fill();
    section.querySelector('figure').classList.toggle('focused', variant.value !== '' && !variant.disabled);
    const chosen = String(data.variants.indexOf(variant.value));
    for (const line of section.querySelectorAll('[data-variant]'))
      line.classList.toggle('focus', line.dataset.variant === chosen);
    for (const chart of section.querySelectorAll('[data-figure]'))
      chart.hidden = chart.dataset.figure !== figure.value;
  };

  for (const select of [figure, variant]) {
    const asked = chosenInAddress.get(select.name);
    if ([...select.options].some(({ value }) => value === asked)) select.value = asked;
    select.addEventListener('change', () => {
      chosenInAddress.set(select.name, select.value);
      show();
    });
  }
  if (map) {
    map.addEventListener('keydown', (event) => {
      const [right, up] =
        { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
      if (right === undefined) return;
      event.preventDefault();
      move(place.column + right, place.row + up);
    });
    map.addEventListener('pointerover', ({ target }) => {
      const cell = target.closest('[data-column]');
      if (cell) move(Number(cell.dataset.column), Number(cell.dataset.row));
    });
    new ResizeObserver(fill).observe(map);
    move(0, 0);
  }
  section.querySelector('.choices').hidden = false;
  show();
}
