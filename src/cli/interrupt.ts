/**
 * Ctrl-C: the first asks the command to finish what it must and save, the second leaves at once.
 */

/** 128 + the signal's number, as shells report it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Of the signal that came, once one did. */
  readonly exitCode: number | undefined;
  /** Stops listening. */
  release(): void;
}

/** @param onFirst is told once, to say what happens next */
export function listenForInterrupt(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const onSignal = (signal: Signal) => {
    if (exitCode !== undefined) process.exit(EXIT_CODES[signal]);
    exitCode = EXIT_CODES[signal];
    onFirst();
    controller.abort();
  };
  const signals = Object.keys(EXIT_CODES) as Signal[];
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
