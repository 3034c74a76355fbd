// Shows the chosen variants in the charts over time, and reads their values at the pointer.
{
  const section = document.getElementById('series');
  const panels = section.querySelector('.panels');
  const output = panels.querySelector('output');
  const buttons = [...section.querySelectorAll('.chooser button')];
  const [binMs, endMs] = [Number(panels.dataset.bin), Number(panels.dataset.end)];
  const bins = Math.ceil(endMs / binMs);
  let bin = 0;

  const isOn = (button) => button.getAttribute('aria-pressed') === 'true';
  const nameOf = (button) => button.lastChild.textContent;

  const show = () => {
    for (const button of buttons)
      for (const mark of panels.querySelectorAll(`[data-variant="${button.dataset.choice}"]`))
        mark.classList.toggle('off', !isOn(button));
    for (const figure of panels.querySelectorAll('figure'))
      figure.hidden = !figure.querySelector('.line:not(.off)');
  };

  // Moves the cursor of all charts to a bin, and says the values of a chart there.
  const read = (figure, to) => {
    bin = Math.min(bins - 1, Math.max(0, to));
    for (const cursor of panels.querySelectorAll('.cursor')) {
      cursor.setAttribute('transform', `translate(${((bin + 0.5) * binMs * 100) / endMs} 0)`);
      cursor.removeAttribute('hidden');
    }
    const lines = [...figure.querySelectorAll('.line:not(.off)')].map((line) => {
      const letter = figure.querySelector(`.end[data-variant="${line.dataset.variant}"]`)?.textContent ?? '';
      return `${letter} ${line.dataset.values.split(',')[bin] || '–'}`;
    });
    output.textContent = `${Number(((bin * binMs) / 1000).toFixed(2))} s: ${lines.join(' · ')}`;
    figure.querySelector('figcaption').append(output);
  };

  for (const figure of panels.querySelectorAll('figure')) {
    const plot = figure.querySelector('.plot > svg');
    figure.addEventListener('pointermove', ({ clientX }) => {
      const { left, width } = plot.getBoundingClientRect();
      read(figure, Math.floor((((clientX - left) / width) * endMs) / binMs));
    });
    figure.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      read(figure, bin + by);
    });
  }
  const asked = chosenInAddress.get('variants')?.split(',') ?? [];
  const isAsked = buttons.some((button) => asked.includes(nameOf(button)));
  for (const button of buttons) {
    if (isAsked) button.setAttribute('aria-pressed', String(asked.includes(nameOf(button))));
    button.addEventListener('click', () => {
      button.setAttribute('aria-pressed', String(!isOn(button)));
      chosenInAddress.set('variants', buttons.filter(isOn).map(nameOf).join(','));
      show();
    });
  }
  show();
}
