/** Colours for canvases, which cannot read style sheets; the same as in palette.css. */

export type Theme = 'light' | 'dark';

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
