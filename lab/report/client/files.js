// Copies the summary, and saves each chart as a table of values (CSV) or as a picture (PNG).
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

  const save = (name, url) => {
    const link = document.createElement('a');
    link.download = name;
    link.href = url;
    link.click();
  };

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

  // Calls `copy` while the legend has the names of the variants instead of the values at the cursor.
  const withNames = (figure, copy) => {
    const labels = [...figure.querySelectorAll('[data-name]')];
    const letters = labels.map(({ textContent }) => textContent);
    labels.forEach((label, i) => {
      label.textContent = `${letters[i]} ${label.dataset.name}`;
    });
    figure.classList.add('saving');
    const copied = copy(figure);
    figure.classList.remove('saving');
    labels.forEach((label, i) => {
      label.textContent = letters[i];
    });
    return copied;
  };

  // Copies the elements of a chart with their styles into the markup of an SVG image.
  const imageOf = (figure) => {
    const twin = figure.cloneNode(true);
    const originals = [figure, ...figure.querySelectorAll('*')];
    const twins = [twin, ...twin.querySelectorAll('*')];
    originals.forEach((original, i) => {
      const style = getComputedStyle(original);
      for (const name of style) twins[i].style.setProperty(name, style.getPropertyValue(name));
    });
    originals.forEach((original, i) => {
      if (original.tagName === 'CANVAS') {
        const image = document.createElement('img');
        image.src = original.toDataURL();
        image.style.cssText = twins[i].style.cssText;
        twins[i].replaceWith(image);
      }
      if (original.matches('.save')) twins[i].remove();
    });
    const { width, height } = figure.getBoundingClientRect();
    const marginPx = 16;
    const [wide, tall] = [width + 2 * marginPx, height + 2 * marginPx];
    const markup = new XMLSerializer().serializeToString(twin);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${tall}"><foreignObject x="${marginPx}" y="${marginPx}" width="${width}" height="${height}">${markup}</foreignObject></svg>`;
    return { svg, wide, tall };
  };

  // Draws a chart as the page shows it.
  const pngOf = async (figure) => {
    const { svg, wide, tall } = withNames(figure, imageOf);
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    const sharpness = 2;
    canvas.width = wide * sharpness;
    canvas.height = tall * sharpness;
    const context = canvas.getContext('2d');
    context.scale(sharpness, sharpness);
    context.fillStyle = getComputedStyle(figure.closest('section')).backgroundColor;
    context.fillRect(0, 0, wide, tall);
    context.drawImage(image, 0, 0);
    return canvas.toDataURL('image/png');
  };

  for (const figure of document.querySelectorAll('figure[data-file]')) {
    const { file, series } = figure.dataset;
    const buttons = document.createElement('span');
    buttons.className = 'save';
    const add = (kind, saved) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = kind;
      button.setAttribute('aria-label', `Save ${file} as ${kind}`);
      button.addEventListener('click', async () => {
        try {
          save(`${file}.${kind.toLowerCase()}`, await saved());
        } catch (error) {
          alert(`This browser can't save the chart: ${error.message}`);
        }
      });
      buttons.append(button);
    };
    add('CSV', () => {
      const rows = series ? rowsOfSeries(series) : valuesOf(file);
      return `data:text/csv;charset=utf-8,${encodeURIComponent(csvOf(rows))}`;
    });
    add('PNG', () => pngOf(figure));
    figure.querySelector('figcaption').append(buttons);
  }
}
