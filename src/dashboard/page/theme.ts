// Before the first style is drawn: the look a person chose, kept in this browser. No module, so that nothing waits for it.
try {
  const chosen = localStorage.getItem('polarity-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset['theme'] = chosen;
} catch {
  // a browser that keeps nothing follows the system
}
