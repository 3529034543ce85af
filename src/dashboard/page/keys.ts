/**
 * The keyboard. A view registers what its keys do; the help overlay lists whatever is registered at the moment.
 */
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface KeyBinding {
  /** As in `KeyboardEvent.key`: `j`, `ArrowDown`, `?`. Without Ctrl, Alt or Meta, which belong to the browser. */
  readonly keys: readonly string[];
  /** For the help overlay; empty: not listed. */
  readonly about: string;
  readonly act: () => void;
  /** Also while a text field has the focus. */
  readonly isForFields?: boolean;
  /** Also while a modal dialog is open, which has Esc for itself. */
  readonly isForDialogs?: boolean;
}

interface Group {
  readonly title: string;
  bindings: readonly KeyBinding[];
}

const groups = new Set<Group>();

/** What keys do as long as the component is on the page; of two that claim one key the component mounted later has it. */
export function useKeys(title: string, bindings: readonly KeyBinding[]): void {
  const group = useRef<Group>({ title, bindings });
  group.current.bindings = bindings;
  // before it is seen: a key pressed at once is meant for it
  useLayoutEffect(() => {
    const own = group.current;
    groups.add(own);
    return () => {
      groups.delete(own);
    };
  }, []);
}

/** Titles with what their keys do, as registered now. */
export function keyHelp(): { title: string; bindings: readonly KeyBinding[] }[] {
  const titles = [...new Set([...groups].map(({ title }) => title))];
  return titles.map((title) => ({
    title,
    bindings: [...groups].filter((group) => group.title === title).flatMap(({ bindings }) => bindings),
  }));
}

/** Starts listening; once for the page. */
export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const binding = bindingFor(event.key, isField(event.target), document.querySelector('dialog:modal') !== null);
    if (!binding || isTaken(event)) return;
    event.preventDefault();
    binding.act();
  });
}

function bindingFor(key: string, inField: boolean, inDialog: boolean): KeyBinding | undefined {
  const all = [...groups].reverse().flatMap(({ bindings }) => bindings);
  return all.find(
    ({ keys, isForFields = false, isForDialogs = false }) =>
      keys.includes(key) && (!inField || isForFields) && (!inDialog || isForDialogs),
  );
}

/** Text is typed there. */
function isField(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'range', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Keys that the focused control itself understands. */
function isTaken({ key, target }: KeyboardEvent): boolean {
  const isControl =
    target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement || target instanceof HTMLInputElement;
  if (isControl && (key === 'Enter' || key === ' ')) return true;
  return target instanceof HTMLInputElement && target.type === 'range' && key.startsWith('Arrow');
}
