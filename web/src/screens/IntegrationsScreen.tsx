import { LoadingRows } from '../components/LoadingRows.tsx';

export function IntegrationsScreen() {
  return <LoadingRows />;
}
