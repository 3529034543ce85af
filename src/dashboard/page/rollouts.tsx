export { RolloutsView } from './rollouts/view.tsx';
