/** Something said about something, on demand: a button and what it opens. Closed by Esc, by the button, and by looking elsewhere. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export function Popover({
  label,
  button,
  className = '',
  children,
}: {
  /** For those who do not see the button's face. */
  readonly label: string;
  readonly button: ComponentChildren;
  readonly className?: string;
  readonly children: ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    if (!isOpen) return;
    const close = (): void => setOpen(false);
    const elsewhere = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) close();
    };
    const onEscape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      close();
      root.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('focusin', elsewhere);
    document.addEventListener('keydown', onEscape, true);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('focusin', elsewhere);
      document.removeEventListener('keydown', onEscape, true);
    };
  }, [isOpen]);

  return (
    <span class={`popover ${className}`} ref={root}>
      <button
        type="button"
        class="popover-button"
        aria-label={label}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {button}
      </button>
      {isOpen && (
        <span class="popover-card" role="dialog" aria-label={label} ref={keepInside}>
          {children}
        </span>
      )}
    </span>
  );
}

/** Moves a card that would leave the window on the right or on the left. */
function keepInside(card: HTMLElement | null): void {
  if (!card) return;
  const { left, right } = card.getBoundingClientRect();
  const over = Math.max(0, right - document.documentElement.clientWidth + 12);
  if (over > 0) card.style.translate = `${-Math.min(over, left - 12)}px 0`;
}
