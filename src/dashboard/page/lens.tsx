import { Empty } from './states.tsx';
import type { RunViewProps } from './view.ts';

export function TokensView(_: RunViewProps) {
  return <Empty title="Nothing here yet" />;
}
