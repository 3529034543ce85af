/** Begins the page. */
import { render } from 'preact';
import { App } from './app.tsx';
import { listenToKeys } from './keys.ts';

listenToKeys();
const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  render(<App />, root);
}
