import { Empty } from './states.tsx';
import type { StudyViewProps } from './view.ts';

export function StudyView(_: StudyViewProps) {
  return <Empty title="Nothing here yet" />;
}
