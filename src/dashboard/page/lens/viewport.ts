/** The scrolled part of the page as numbers. */
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface Measured {
  /** Pixels. */
  readonly scrollTop: number;
  readonly height: number;
  readonly width: number;
}

/** Measures an element as it is scrolled and resized, once a frame at most. */
export function useViewport<Element extends HTMLElement>() {
  const ref = useRef<Element>(null);
  const [measured, setMeasured] = useState<Measured>({ scrollTop: 0, height: 0, width: 0 });
  const frame = useRef(0);

  const measure = useCallback(() => {
    frame.current = 0;
    const element = ref.current;
    if (element === null) return;
    const { scrollTop, clientHeight: height, clientWidth: width } = element;
    setMeasured((before) =>
      before.scrollTop === scrollTop && before.height === height && before.width === width
        ? before
        : { scrollTop, height, width },
    );
  }, []);
  const onScroll = useCallback(() => {
    frame.current ||= requestAnimationFrame(measure);
  }, [measure]);

  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    measure();
    const observer = new ResizeObserver(onScroll);
    observer.observe(element);
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [measure, onScroll]);

  return { ref, measured, onScroll };
}
