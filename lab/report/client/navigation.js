// Scrolls a link that is focused into sight as a whole: browsers leave one alone of which they show a part.
document
  .querySelector('nav')
  .addEventListener('focusin', ({ target }) =>
    target.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
  );

// Opens the folded section that a link leads to.
{
  const unfold = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target?.matches('details.fold')) target.open = true;
  };
  addEventListener('hashchange', unfold);
  unfold();
}

// Keeps what a reader has chosen in the address, so that a link shows the same.
globalThis.chosenInAddress = {
  get: (name) => new URLSearchParams(location.search).get(name),
  set(name, value) {
    const address = new URL(location.href);
    address.searchParams.set(name, value);
    history.replaceState(null, '', address);
  },
};
