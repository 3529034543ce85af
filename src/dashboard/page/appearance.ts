/** Light or dark: as the system says until somebody chooses. */
import { useEffect, useState } from 'preact/hooks';
import { type Colors, colorsOf, type Theme } from './colors.ts';
import { Store, useStore } from './store.ts';

/** As in theme.ts, which reads it before the page is drawn. */
const KEY = 'polarity-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

const chosen = new Store<Theme | undefined>(
  (['light', 'dark'] as const).find((theme) => theme === document.documentElement.dataset['theme']),
);

export function useTheme(): Theme {
  const choice = useStore(chosen);
  const [isDark, setDark] = useState(system.matches);
  useEffect(() => {
    const follow = (): void => setDark(system.matches);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, []);
  return choice ?? (isDark ? 'dark' : 'light');
}

/** The other one, remembered in this browser. */
export function toggleTheme(): void {
  const next = (chosen.value ?? (system.matches ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  chosen.set(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // a browser that keeps nothing: it holds until the page is closed
  }
}

export const useColors = (): Colors => colorsOf(useTheme());
