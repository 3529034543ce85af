/**
 * Light or dark: as the system says until somebody chooses; and the colours that canvases need, which cannot read style sheets.
 */
import { useEffect, useState } from 'preact/hooks';
import { Store, useStore } from './store.ts';

export type Theme = 'light' | 'dark';

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

export interface Colors {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly positive: string;
  readonly negative: string;
  readonly neutral: string;
  readonly unknown: string;
  readonly red: string;
  /** Of runs or arms drawn together; without the two of the polarities where that is possible. */
  readonly lines: readonly string[];
}

/** Okabe and Ito's palette, lightened for dark ground; told apart by most who do not see colours alike. */
const COLORS: Readonly<Record<Theme, Colors>> = {
  light: {
    ink: '#1c2127',
    muted: '#68727d',
    grid: '#e8ebee',
    positive: '#0072b2',
    negative: '#d55e00',
    neutral: '#3a424b',
    unknown: '#8c8c8c',
    red: '#b3261e',
    lines: [
      '#1c2127',
      '#009e73',
      '#cc5a9b',
      '#7a52c7',
      '#0072b2',
      '#d55e00',
      '#8a6d00',
      '#3aa3dc',
      '#8c8c8c',
      '#a34a1f',
    ],
  },
  dark: {
    ink: '#e6e9ec',
    muted: '#939da8',
    grid: '#262c33',
    positive: '#4fb0ec',
    negative: '#f0883e',
    neutral: '#c6ccd3',
    unknown: '#8d959e',
    red: '#ff8a80',
    lines: [
      '#e6e9ec',
      '#2fc79a',
      '#f08cc4',
      '#ab8cf5',
      '#4fb0ec',
      '#f0883e',
      '#d9b93b',
      '#8fd3ff',
      '#8d959e',
      '#d08a68',
    ],
  },
};

export const colorsOf = (theme: Theme): Colors => COLORS[theme];
export const useColors = (): Colors => COLORS[useTheme()];
