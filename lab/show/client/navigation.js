// Scrolls a focused link fully into view. Browsers don't scroll if a part of the link is visible.
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
  // A link to the address of the page changes nothing, so the section may still be folded.
  for (const link of document.querySelectorAll('.folded > .anchor'))
    link.addEventListener('click', () => (link.nextElementSibling.open = true));
}

// Keeps the reader's choices in the address, so that a copied link shows the same view.
globalThis.chosenInAddress = {
  get: (name) => new URLSearchParams(location.search).get(name),
  set(name, value) {
    const address = new URL(location.href);
    address.searchParams.set(name, value);
    history.replaceState(null, '', address);
  },
};
