// Scrolls a link that is focused into sight as a whole: browsers leave one alone of which they show a part.
document
  .querySelector('nav')
  .addEventListener('focusin', ({ target }) =>
    target.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
  );
