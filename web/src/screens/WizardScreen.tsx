import { LoadingRows } from '../components/LoadingRows.tsx';

export function WizardScreen() {
  return <LoadingRows />;
}
