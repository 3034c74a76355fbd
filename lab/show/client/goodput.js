// Moves the deadline of the goodput chart when the reader uses the slider or points into the plot. Only a deadline that
// the reader chose, by the slider or a click, stays and stands in the address.
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

  const pointed = ({ clientX }) => {
    const box = plot.getBoundingClientRect();
    return nearest(((clientX - box.left) / box.width) * 100);
  };

  const move = (to) => {
    slider.value = to;
    show();
  };

  const inAddress = (text) => text.replace('\u00a0', '');
  const linked = deadlines.findIndex(({ text }) => inAddress(text) === chosenInAddress.get('deadline'));
  let chosen = linked >= 0 ? linked : Number(slider.value);
  slider.addEventListener('input', show);
  slider.addEventListener('change', () => {
    chosen = Number(slider.value);
    chosenInAddress.set('deadline', inAddress(deadlines[chosen].text));
  });
  plot.addEventListener('pointermove', (event) => move(pointed(event)));
  plot.addEventListener('pointerleave', () => move(chosen));
  plot.addEventListener('click', (event) => {
    move(pointed(event)); // A finger has left the plot before its click.
    slider.dispatchEvent(new Event('change'));
  });
  move(chosen);

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
