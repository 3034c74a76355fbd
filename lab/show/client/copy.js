// Copies the summary as Markdown.
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
}
