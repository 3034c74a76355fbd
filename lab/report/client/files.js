// Copies the summary, and saves the values of each chart as CSV.
{
  const copy = document.getElementById('copy');
  const summary = JSON.parse(document.getElementById('markdown').textContent);
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const before = copy.textContent;
    try {
      await navigator.clipboard.writeText(summary);
      copy.textContent = 'Copied';
    } catch {
      prompt('Copy the summary:', summary);
    }
    copy.addEventListener('blur', () => (copy.textContent = before), { once: true });
  });

  const csvOf = (rows) =>
    rows
      .map((cells) => cells.map((cell) => `"${String(cell ?? '').replaceAll('"', '""')}"`).join(','))
      .join('\r\n');

  const valuesOf = (file) => JSON.parse(document.getElementById(`values-${file}`).textContent);

  // Returns a row for each sample of each variant, since the variants were not sampled at the same times.
  const rowsOfSeries = (column) => {
    const { variants } = JSON.parse(document.getElementById('series-data').textContent);
    const samples = variants.flatMap(({ name, series }) =>
      series.tMs.map((tMs, i) => [name, tMs, series[column]?.[i]]),
    );
    return [['variant', 'tMs', column], ...samples];
  };

  for (const figure of document.querySelectorAll('figure[data-file]')) {
    const { file, series } = figure.dataset;
    const link = document.createElement('a');
    link.className = 'save';
    link.download = `${file}.csv`;
    link.textContent = 'CSV';
    link.setAttribute('aria-label', `Save ${file} as CSV`);
    link.href = '#';
    link.addEventListener('click', () => {
      const rows = series ? rowsOfSeries(series) : valuesOf(file);
      link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(rows))}`;
    });
    figure.querySelector('figcaption').append(link);
  }
}
