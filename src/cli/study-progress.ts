/** How far a study is and how long the rest takes, for people; read from the runs' files while others write them. */
import { remainingSeconds } from '../study/jobs.ts';
import { shown } from './files.ts';
import { bar, duration } from './format.ts';
import { MEASURING, type StudyJob, type StudyPlace, shareDone } from './study-runner.ts';
import type { Terminal } from './terminal.ts';

/** What is done of every job, and how long the rest will take. */
export class StudyProgress {
  readonly #jobs: readonly StudyJob[];
  readonly #place: StudyPlace;
  readonly #terminal: Terminal;
  readonly #began = performance.now();
  readonly #active = new Set<string>();
  #shares = new Map<string, number>();
  #before: number | undefined;
  /** The last line on its way. */
  #saying = Promise.resolve();

  constructor(jobs: readonly StudyJob[], place: StudyPlace, terminal: Terminal) {
    this.#jobs = jobs;
    this.#place = place;
    this.#terminal = terminal;
  }

  /** Reads the runs' files. */
  async look(): Promise<void> {
    const shares = await Promise.all(
      this.#jobs.map(async (job) => [job.name, await shareDone(job, this.#place)] as const),
    );
    this.#shares = new Map(shares);
    this.#before ??= this.#work().done;
    this.#terminal.panel([this.#line(), ...[...this.#active].map((name) => this.#runLine(name))]);
  }

  unfinished(): StudyJob[] {
    return this.#jobs.filter(({ name }) => (this.#shares.get(name) ?? 0) < 1);
  }

  begun(name: string): void {
    this.#active.add(name);
  }

  ended(name: string, how: string): void {
    this.#active.delete(name);
    this.#saying = this.look().then(() => this.#terminal.print(`${this.#line()}  ${name} ${how}`));
  }

  /** @returns the exit code */
  async conclude(failures: readonly string[], interrupted: number | undefined): Promise<number> {
    await this.#saying;
    await this.look();
    const { directory } = this.#place;
    const unfinished = this.unfinished().map(({ name }) => name);
    const seconds = (performance.now() - this.#began) / 1000;
    this.#terminal.panel([]);
    this.#terminal.print(`${this.#jobs.length - unfinished.length} of ${this.#jobs.length} done, ${duration(seconds)}`);
    if (failures.length > 0) this.#terminal.print(`failed: ${failures.join(', ')}`);
    if (unfinished.length > 0) this.#terminal.print('the same command goes on with what is left');
    this.#terminal.print(`look           polarity report ${shown(directory)}`);
    this.#terminal.result({ study: shown(directory), jobs: this.#jobs.length, unfinished, failures, seconds });
    return interrupted ?? (failures.length > 0 ? 3 : 0);
  }

  /** In runs; the starting policy's evaluations are a small part of one. */
  #work(): { readonly done: number; readonly total: number } {
    let [done, total] = [0, 0];
    for (const job of this.#jobs) {
      const weight = job.end === undefined ? MEASURING : 1;
      done += weight * (this.#shares.get(job.name) ?? 0);
      total += weight;
    }
    return { done, total };
  }

  #line(): string {
    const { done, total } = this.#work();
    const elapsedSeconds = (performance.now() - this.#began) / 1000;
    const left = remainingSeconds({ done, total, doneBefore: this.#before ?? 0, elapsedSeconds });
    const eta = left === undefined ? '' : `, about ${duration(left)} left`;
    const finished = this.#jobs.length - this.unfinished().length;
    return `${bar(done / total, 20)} ${finished} of ${this.#jobs.length} done  ${duration(elapsedSeconds)}${eta}`;
  }

  #runLine(name: string): string {
    const share = this.#shares.get(name) ?? 0;
    return `  ${bar(share, 10)} ${name}`;
  }
}
