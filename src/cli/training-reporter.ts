/** Turns the loop's reports into a live panel, or into lines where there is no terminal. */
import type { Report } from '../train/run.ts';
import { shown } from './files.ts';
import type { Terminal } from './terminal.ts';
import { evaluationText, eventText, panelLines, stepLine, type TrainingView } from './training-view.ts';

interface About {
  readonly title: string;
  readonly steps: number;
  readonly firstStep: number;
  readonly clock: () => number;
}

/** Redrawing more often than this shows nothing new. */
const SECONDS_BETWEEN_DRAWINGS = 0.1;

export class TrainingReporter {
  readonly #terminal: Terminal;
  readonly #about: About;
  readonly #began: number;
  readonly #rewards: number[] = [];
  #last: TrainingView['last'];
  #doing: TrainingView['doing'];
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, about: About) {
    this.#terminal = terminal;
    this.#about = about;
    this.#began = about.clock();
    if (!terminal.isLive) terminal.print(`${about.title}; pairs are of correct/incorrect completions`);
  }

  tell(report: Report): void {
    const terminal = this.#terminal;
    switch (report.kind) {
      case 'progress':
        this.#doing = { what: report.doing, done: report.done, planned: report.planned };
        this.#draw(false);
        break;
      case 'step':
        this.#step(report);
        break;
      case 'evaluation':
        this.#doing = undefined;
        terminal.print(evaluationText(report.line));
        break;
      case 'event':
        terminal.print(eventText(report.event, terminal.colors));
        break;
      case 'checkpoint':
        if (!terminal.isLive) terminal.print(`checkpoint ${shown(report.directory)}`);
        break;
    }
  }

  /** Leaves the last state of the panel on the screen. */
  finish(): void {
    this.#doing = undefined;
    if (this.#last) this.#draw(true);
    this.#terminal.keepPanel();
  }

  #step({ step, metrics }: Extract<Report, { kind: 'step' }>): void {
    this.#last = { step, metrics };
    this.#doing = undefined;
    const reward = metrics['rollout/reward/mean'];
    if (reward !== undefined) this.#rewards.push(reward);
    if (this.#terminal.isLive) this.#draw(true);
    else this.#terminal.print(stepLine({ step, metrics }, this.#about.steps));
  }

  #draw(isForced: boolean): void {
    const now = this.#about.clock();
    if (!this.#terminal.isLive || (!isForced && now - this.#drawnAt < SECONDS_BETWEEN_DRAWINGS)) return;
    this.#drawnAt = now;
    const { title, steps, firstStep } = this.#about;
    const view: TrainingView = {
      title,
      steps,
      firstStep,
      elapsedSeconds: now - this.#began,
      last: this.#last,
      rewards: this.#rewards,
      doing: this.#doing,
    };
    this.#terminal.panel(panelLines(view, this.#terminal.colors, this.#terminal.columns));
  }
}
