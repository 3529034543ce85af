/** The last good value while the next is on its way: going from rollout to rollout does not flicker. */
import { useRef } from 'preact/hooks';
import type { Resource } from '../resource.ts';

export function useHeld<Reply>(resource: Resource<Reply>): Resource<Reply> {
  const last = useRef<Resource<Reply>>(resource);
  if (resource.state !== 'loading') last.current = resource;
  return last.current.state === 'ready' ? last.current : resource;
}
