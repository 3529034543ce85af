export { StudyView } from './study/view.tsx';
