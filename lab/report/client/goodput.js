// Moves the deadline of the goodput chart when the reader uses the slider or points into the plot.
{
  const { deadlines, goodput } = JSON.parse(document.getElementById('goodput-data').textContent);
  const figure = document.querySelector('figure.goodput');
  const slider = figure.querySelector('input');
  const output = figure.querySelector('output');
  const mark = figure.querySelector('[data-mark]');
  const plot = figure.querySelector('.plot svg');
  const ranking = figure.querySelector('.ranking');

  const show = () => {
    const at = Number(slider.value);
    output.textContent = deadlines[at].text;
    slider.setAttribute('aria-valuetext', deadlines[at].text);
    mark.setAttribute('x1', `${deadlines[at].at}%`);
    mark.setAttribute('x2', `${deadlines[at].at}%`);
    const entries = [...ranking.children];
    const figureOf = (entry) => goodput[entry.dataset.variant][at];
    for (const entry of entries) entry.querySelector('.value').textContent = figureOf(entry).text;
    ranking.append(
      ...entries.sort(
        (a, b) => figureOf(b).value - figureOf(a).value || a.dataset.variant - b.dataset.variant,
      ),
    );
  };

  const nearest = (percent) =>
    deadlines.reduce(
      (best, { at }, i) => (Math.abs(at - percent) < Math.abs(deadlines[best].at - percent) ? i : best),
      0,
    );

  const inAddress = (text) => text.replace('\u00a0', '');
  const chosen = deadlines.findIndex(({ text }) => inAddress(text) === chosenInAddress.get('deadline'));
  if (chosen >= 0) slider.value = chosen;
  slider.addEventListener('input', show);
  slider.addEventListener('change', () =>
    chosenInAddress.set('deadline', inAddress(deadlines[slider.value].text)),
  );
  plot.addEventListener('click', () => slider.dispatchEvent(new Event('change')));
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    slider.value = nearest(((event.clientX - box.left) / box.width) * 100);
    show();
  });
  show();

  // Highlights the variant that the pointer is on.
  const focus = (event) => {
    const index = event.target.closest('[data-variant]')?.dataset.variant;
    figure.classList.toggle('focused', index !== undefined);
    for (const each of figure.querySelectorAll('[data-variant]')) {
      each.classList.toggle('focus', each.dataset.variant === index);
    }
  };
  figure.addEventListener('pointerover', focus);
  figure.addEventListener('pointerleave', focus);
}
